import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net';

/** Leads each new connection to the next of several servers in turn, past those that take none. */
export class Balancer {
  readonly #server: Server;
  readonly #targets: readonly number[];
  readonly #sockets = new Set<Socket>();
  #turn = 0;

  private constructor(targets: readonly number[]) {
    this.#targets = targets;
    this.#server = createServer((client) => void this.#lead(client));
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
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  async #lead(client: Socket): Promise<void> {
    client.on('error', () => undefined);
    const server = await this.#reach();
    if (!server) return void client.resetAndDestroy();
    for (const [from, to] of [[client, server] as const, [server, client] as const]) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        this.#sockets.delete(from);
      });
    }
  }

  /** The first server in turn that takes a connection; null if none does. */
  async #reach(): Promise<Socket | null> {
    for (const _ of this.#targets) {
      const server = dial(this.#targets[this.#turn++ % this.#targets.length] ?? 0, '127.0.0.1');
      const taken = await once(server, 'connect').then(
        () => true,
        () => false,
      );
      if (taken) return server;
    }
    return null;
  }
}
