import { onTestFinished } from 'vitest';
import { type Serving, serve } from '../commands/program.ts';
import { Balancer } from './balancer.ts';

/** Several server processes over one store, and a balancer before them. They end with the test, whatever becomes of it. */
export class Cluster {
  readonly #store: string;
  readonly #servers: Serving[];
  readonly #ports: readonly number[];
  readonly #balancer: Balancer;

  private constructor(store: string, servers: Serving[], ports: readonly number[], balancer: Balancer) {
    this.#store = store;
    this.#servers = servers;
    this.#ports = ports;
    this.#balancer = balancer;
  }

  /** @param store What the servers are given: a path or a URL. They come one after the other, as a store is made only once. */
  static async over(store: string, size: number): Promise<Cluster> {
    const servers: Serving[] = [];
    onTestFinished(async () => {
      await Promise.all(servers.map((server) => server.stop('SIGKILL')));
    });
    while (servers.length < size) servers.push(await serve(['serve', store]));
    const ports = servers.map(({ url }) => Number(new URL(url).port));
    const balancer = await Balancer.over(ports);
    onTestFinished(() => balancer.close());
    return new Cluster(store, servers, ports, balancer);
  }

  /** Where clients find the API, whichever server answers. */
  get url(): string {
    return `http://127.0.0.1:${this.#balancer.port}/graphql`;
  }

  /** The API of each server. */
  get urls(): readonly string[] {
    return this.#ports.map((port) => `http://127.0.0.1:${port}/graphql`);
  }

  /** Kills a server where it stands, and starts another in its place. */
  async replace(index: number): Promise<void> {
    const place = index % this.#ports.length;
    await this.#servers[place]?.stop('SIGKILL');
    this.#servers[place] = await serve(['serve', this.#store, '--port', String(this.#ports[place])]);
  }
}
