/** What subscribers cost who are told nothing, and how soon they learn of the first event after a long silence. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Section } from '../section.ts';
import { type Column, digits, table } from '../table.ts';
import { subscribers } from './audience.ts';
import { measureCell } from './cell.ts';
import type { Client } from './client.ts';
import { clock } from './clock.ts';
import type { Latency } from './latency.ts';
import type { Memory } from './serverProcess.ts';
import { type Site, WRITERS, type Writer } from './site.ts';

const SUBSCRIBERS = 1_000;
const SILENCE_MS = 20_000;

export interface Silence {
  readonly writer: string;
  readonly own: boolean;
  /** Of the server, per subscriber: what is in use on its heap and beside it, and the memory of the process as a whole. */
  readonly heapBytes: number;
  readonly processBytes: number;
  /** What the server used in the silence, in percent of a core. */
  readonly idlePercent: number;
  /** Of the event after the silence. */
  readonly first: Latency;
}

export async function silence(): Promise<Section & { readonly figures: readonly Silence[] }> {
  const writers = [WRITERS.record, WRITERS.rollback];
  const rooms = await inTurn(writers, fill);
  await wait(SILENCE_MS);
  const figures = await inTurn(rooms, breakSilence);
  const title = `${SUBSCRIBERS} subscribers, ${SILENCE_MS / 1000} seconds of silence, one event`;
  return { title, lines: table(COLUMNS, figures), figures };
}

/** A site with subscribers, of which nothing is asked. */
interface Room {
  readonly writer: Writer;
  readonly site: Site;
  readonly clients: readonly Client[];
  readonly memory: Memory;
  readonly cpuMs: number;
  readonly since: number;
}

const RUN_ID = 'silent';
const WARM_UP = { from: 0, until: 100, perSecond: 100 };

async function fill(writer: Writer): Promise<Room> {
  const site = await writer.open();
  await site.begin(RUN_ID);
  // What the server needs only once is not to count.
  const first = await subscribers(SUBSCRIBERS / 10, site, RUN_ID);
  await measureCell(site, RUN_ID, first, WARM_UP);
  for (const client of first) client.leave();
  await wait(500);
  const empty = await site.server.ask('memory', undefined);
  const clients = await subscribers(SUBSCRIBERS, site, RUN_ID);
  await wait(500);
  const full = await site.server.ask('memory', undefined);
  const memory = { heap: full.heap - empty.heap, process: full.process - empty.process };
  const { cpuMs } = await site.server.ask('usage', undefined);
  return { writer, site, clients, memory, cpuMs, since: clock() };
}

async function breakSilence({ writer, site, clients, memory, cpuMs, since }: Room): Promise<Silence> {
  const used = (await site.server.ask('usage', undefined)).cpuMs - cpuMs;
  const idlePercent = (used * 100) / (clock() - since);
  const { until } = WARM_UP;
  const { all } = await measureCell(site, RUN_ID, clients, { from: until, until: until + 1, perSecond: 1_000 });
  for (const client of clients) client.leave();
  await site.end();
  return {
    writer: writer.name,
    own: writer.own,
    heapBytes: memory.heap / SUBSCRIBERS,
    processBytes: memory.process / SUBSCRIBERS,
    idlePercent,
    first: all,
  };
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

const COLUMNS: readonly Column<Silence>[] = [
  { head: 'writer', of: ({ writer }) => writer },
  { head: 'heap KB/subscriber', of: ({ heapBytes }) => digits(heapBytes / 1024) },
  { head: 'process KB/subscriber', of: ({ processBytes }) => digits(processBytes / 1024) },
  { head: 'idle server %', of: ({ idlePercent }) => digits(idlePercent) },
  { head: 'first event p50 ms', of: ({ first }) => digits(first.p50) },
  { head: 'p99 ms', of: ({ first }) => digits(first.p99) },
];
