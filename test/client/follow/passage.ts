import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net';

/** The way to a server: it can be cut, dammed up, and led to another port. */
export class Passage {
  readonly #server: Server;
  readonly #ways = new Set<readonly [Socket, Socket]>();
  /** How many connections were made. */
  connections = 0;
  /** How many of them have ended. */
  ended = 0;
  #target: number;
  #unanswered: string | null = null;
  #kept: Buffer[] | null = null;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#lead(client));
  }

  static async to(target: number): Promise<Passage> {
    const passage = new Passage(target);
    await once(passage.#server.listen(0, '127.0.0.1'), 'listening');
    return passage;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  leadTo(port: number): void {
    this.#target = port;
  }

  /** Breaks all connections, as a cable that is pulled out and put in again does. */
  cut(): void {
    for (const way of this.#ways) for (const socket of way) socket.resetAndDestroy();
  }

  /** Lets nothing more through, and nobody hears of it. New connections are not affected. */
  dam(): void {
    for (const [client, server] of this.#ways) {
      server.unpipe(client);
      server.pause();
    }
  }

  /** Breaks the connection on which a text is next sent, once the server has answered with the same text: the answer is lost. */
  loseAnswerTo(text: string): void {
    this.#unanswered = text;
  }

  /** What is sent to the server from now on, as it comes. */
  listenIn(): readonly Buffer[] {
    this.#kept = [];
    return this.#kept;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }

  #lead(client: Socket): void {
    this.connections += 1;
    const server = dial(this.#target, '127.0.0.1');
    const way = [client, server] as const;
    this.#ways.add(way);
    client.on('data', (sent) => {
      this.#kept?.push(Buffer.from(sent));
      const text = this.#unanswered;
      if (text === null || !sent.includes(text)) return;
      this.#unanswered = null;
      server.unpipe(client);
      server.on('data', (answer) => {
        if (answer.includes(text)) client.resetAndDestroy();
      });
      server.resume();
    });
    for (const [from, to] of [way, [server, client]] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        if (this.#ways.delete(way)) this.ended += 1;
      });
    }
  }
}
