import type { IncomingMessage } from 'node:http';
import { DagRunChangesDocument } from '../../src/client/gql/graphql.ts';
import { type Client, type Sighting, send } from './client.ts';
import { clock } from './clock.ts';
import { newestIn } from './writes.ts';

/** Follows a run by server-sent events, from a cursor on, with the operation of the resuming client. Resolves when it was accepted. */
export async function subscribe(url: string, runId: string, after: string): Promise<Client> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const asked = send(url, 'text/event-stream', {
    query: DagRunChangesDocument.toString(),
    variables: { runId, after },
  });
  asked.on('error', reject);
  asked.on('response', resolve);
  const response = await promise;
  if (response.statusCode !== 200) throw new Error(`the subscription was answered by ${response.statusCode}`);
  return new Subscriber(response);
}

class Subscriber implements Client {
  readonly #response: IncomingMessage;
  #newest = -1;
  #begun = '';
  sightings: Sighting[] = [];
  received = 0;

  constructor(response: IncomingMessage) {
    this.#response = response;
    response.setEncoding('latin1');
    response.on('error', () => undefined);
    response.on('data', (chunk: string) => this.#take(chunk, clock()));
  }

  reset(): void {
    this.sightings = [];
    this.received = 0;
  }

  leave(): void {
    this.#response.destroy();
  }

  #take(chunk: string, at: number): void {
    const text = this.#begun + chunk;
    const end = text.lastIndexOf('\n\n') + 2;
    this.#begun = end < 2 ? text : text.slice(end);
    if (end < 2) return;
    const events = text.slice(0, end).split('event: next\n').slice(1);
    this.received += events.length;
    for (const event of events) {
      if (event.includes('"errors":')) throw new Error(event);
      const newest = newestIn(event);
      if (newest <= this.#newest) continue;
      this.#newest = newest;
      this.sightings.push({ newest, at });
    }
  }
}
