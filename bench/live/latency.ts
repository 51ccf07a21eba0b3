import { quantiles } from '../quantile.ts';
import type { Client } from './client.ts';

/** How long something took, in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  /** Of how many. */
  readonly count: number;
}

export interface Latencies {
  /** From every commit to every client that has it: also of states that were told together with newer ones. */
  readonly all: Latency;
  /** How old the newest of what a client got was when it came. */
  readonly newest: Latency;
}

/** What clients saw of the commits from the write `from` on, held against when those were made. */
export function latenciesOf(clients: readonly Client[], from: number, commits: ReadonlyMap<number, number>): Latencies {
  const all: number[] = [];
  const newest: number[] = [];
  for (const { sightings } of clients) {
    let seen = from - 1;
    for (const sighting of sightings) {
      for (let write = seen + 1; write <= sighting.newest; write++) {
        all.push(sighting.at - (commits.get(write) ?? Number.NaN));
      }
      seen = sighting.newest;
      newest.push(all.at(-1) ?? Number.NaN);
    }
  }
  return { all: latency(all), newest: latency(newest) };
}

function latency(times: readonly number[]): Latency {
  const at = quantiles(times);
  return { p50: at(0.5), p99: at(0.99), count: times.length };
}
