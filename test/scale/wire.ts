import { connect as dial, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { lead, listen, portOf } from './ports.ts';

/** The network between a server and its database: it can be cut, at a certain word too, or swallow everything. */
export class Wire {
  readonly #server: Server;
  readonly #target: URL;
  readonly #ends = new Set<Socket>();
  #trap: { readonly word: string; readonly in: 'requests' | 'answers'; readonly sprung: () => void } | null = null;

  private constructor(server: Server, target: string) {
    this.#server = server;
    this.#target = new URL(target);
    server.on('connection', (client: Socket) => this.#take(client));
  }

  /** @param url Of a database on this machine. The wire goes with the test. */
  static async to(url: string): Promise<Wire> {
    const wire = new Wire(await listen(), url);
    onTestFinished(() => {
      wire.cut();
      wire.#server.close();
    });
    return wire;
  }

  /** The database, as it is reached over this wire. */
  get url(): string {
    const url = new URL(this.#target);
    url.port = String(portOf(this.#server));
    return url.href;
  }

  /** Breaks all connections, as a cable that is pulled out and put in again does. */
  cut(): void {
    for (const end of this.#ends) end.resetAndDestroy();
  }

  /** Breaks the next connection on which a word comes along, which comes no further. Resolves when it has. */
  cutAt(word: string, where: 'requests' | 'answers'): Promise<void> {
    return new Promise((sprung) => {
      this.#trap = { word, in: where, sprung };
    });
  }

  /** Lets nothing more through on the connections that there are, and nobody hears of it. */
  swallow(): void {
    for (const end of this.#ends) end.pause();
    this.#ends.clear();
  }

  #take(client: Socket): void {
    const database = dial(Number(this.#target.port), this.#target.hostname);
    for (const end of [client, database]) {
      this.#ends.add(end);
      end.on('close', () => this.#ends.delete(end));
    }
    lead(client, database, (chunk) => this.#pass(chunk, 'requests', client, database));
    lead(database, client, (chunk) => this.#pass(chunk, 'answers', database, client));
  }

  #pass(chunk: Buffer, where: 'requests' | 'answers', from: Socket, to: Socket): void {
    const trap = this.#trap;
    if (trap?.in !== where || !chunk.includes(trap.word)) return void to.write(chunk);
    this.#trap = null;
    from.resetAndDestroy();
    to.resetAndDestroy();
    trap.sprung();
  }
}
