import { type Client, query } from './client.ts';
import type { Site } from './site.ts';
import { subscribe } from './subscriber.ts';

/** How many connect at a time: a listening socket queues some hundreds. */
const TOGETHER = 50;

/** Subscribers of one run from now on, each over a connection of its own. */
export async function subscribers(count: number, { url }: Site, runId: string): Promise<Client[]> {
  const after = await cursorOf(url, runId);
  const clients: Client[] = [];
  while (clients.length < count) {
    const group = Math.min(TOGETHER, count - clients.length);
    clients.push(...(await Promise.all(Array.from({ length: group }, () => subscribe(url, runId, after)))));
  }
  return clients;
}

async function cursorOf(url: string, runId: string): Promise<string> {
  const answer = await query(url, `{ dagRun(runId: "${runId}") { cursor } }`);
  const cursor = /"cursor":"([^"]+)"/.exec(answer)?.[1];
  if (cursor === undefined) throw new Error(`expected a cursor, but got ${answer}`);
  return cursor;
}
