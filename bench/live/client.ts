import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';

/** What a client has seen: that it had some write, and with it all before it, at some time. */
export interface Sighting {
  readonly newest: number;
  /** By `clock`. */
  readonly at: number;
}

/** Somebody who follows a run. */
export interface Client {
  /** Sightings of something new, in order. */
  readonly sightings: readonly Sighting[];
  /** Answers or events that it got, with something new or not. */
  readonly received: number;
  /** Forgets what it got. */
  reset(): void;
  leave(): void;
}

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

/** Sends a GraphQL operation. */
export function send(url: string, accept: string, body: object): ClientRequest {
  const asked = request(url, { method: 'POST', headers: { 'content-type': 'application/json', accept }, agent });
  asked.end(JSON.stringify(body));
  return asked;
}

/** The data of a query's answer, as its text. */
export async function query(url: string, source: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = send(url, 'application/json', { query: source });
  asked.on('error', reject);
  asked.on('response', (response: IncomingMessage) => {
    let text = '';
    response.setEncoding('latin1');
    response.on('error', reject);
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('end', () => resolve(text));
  });
  const text = await promise;
  if (text.includes('"errors":')) throw new Error(text.slice(0, 1000));
  return text;
}
