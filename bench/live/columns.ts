import { type Column, digits } from '../table.ts';
import type { Cell } from './cell.ts';

/** What is shown of a cell. */
export function columnsOf<Row extends Cell & { readonly perSecond: number }>(...first: Column<Row>[]): Column<Row>[] {
  return [
    ...first,
    { head: 'writes/s', of: ({ perSecond }) => String(perSecond) },
    { head: 'reached', of: ({ writesPerSecond }) => writesPerSecond.toFixed(0) },
    { head: 'p50 ms', of: ({ all }) => digits(all.p50) },
    { head: 'p99 ms', of: ({ all }) => digits(all.p99) },
    { head: 'of', of: ({ all }) => String(all.count) },
    { head: 'newest p50', of: ({ newest }) => digits(newest.p50) },
    { head: 'events/write', of: ({ eventsPerWrite }) => digits(eventsPerWrite) },
    { head: 'reads/write', of: ({ readsPerWrite }) => digits(readsPerWrite) },
    { head: 'us/event', of: ({ cpuMicrosPerEvent }) => digits(cpuMicrosPerEvent) },
    { head: 'us/write', of: ({ cpuMicrosPerWrite }) => digits(cpuMicrosPerWrite) },
    { head: 'server %', of: ({ serverPercent }) => digits(serverPercent) },
    { head: 'clients %', of: ({ clientsPercent }) => digits(clientsPercent) },
    { head: 'behind', of: ({ behind }) => String(behind) },
  ];
}
