import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net';

/** Leads each new connection to the next of several servers in turn, past those that take none. */
export class Balancer {
  readonly #server: Server;
  readonly #targets: readonly number[];
  readonly #clients = new Set<Socket>();
  #turn = 0;

  private constructor(targets: readonly number[]) {
    this.#targets = targets;
    this.#server = createServer((client) => void this.#take(client));
  }

  /** @param targets Ports of 127.0.0.1. */
  static async over(targets: readonly number[]): Promise<Balancer> {
    const balancer = new Balancer(targets);
    await once(balancer.#server.listen(0, '127.0.0.1'), 'listening');
    return balancer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const client of this.#clients) client.destroy();
    await once(this.#server, 'close');
  }

  async #take(client: Socket): Promise<void> {
    client.on('error', () => undefined);
    const server = await this.#reach();
    if (!server) return void client.resetAndDestroy();
    this.#clients.add(client);
    client.on('close', () => this.#clients.delete(client));
    for (const [from, to] of [[client, server] as const, [server, client] as const]) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  }

  /** The first server in turn that takes a connection; null if none does. */
  async #reach(): Promise<Socket | null> {
    for (const _ of this.#targets) {
      const server = dial(this.#targets[this.#turn++ % this.#targets.length] ?? 0, '127.0.0.1');
      const isTaken = await once(server, 'connect').then(
        () => true,
        () => false,
      );
      if (isTaken) return server;
    }
    return null;
  }
}
