/** The same data, polled. */
import type { Section } from '../section.ts';
import { table } from '../table.ts';
import { type Cell, measureCell } from './cell.ts';
import { columnsOf } from './columns.ts';
import { Poller } from './poller.ts';
import { WRITERS } from './site.ts';

const AUDIENCES = [1, 10, 100];
const INTERVALS_MS = [250, 1_000];
const PACE = { perSecond: 100, writes: 400 };

interface PollCell extends Cell {
  readonly pollers: number;
  readonly intervalMs: number;
  readonly perSecond: number;
}

export async function poll(): Promise<Section> {
  const site = await WRITERS.record.open();
  const figures: PollCell[] = [];
  for (const pollers of AUDIENCES) {
    for (const intervalMs of INTERVALS_MS) {
      const runId = `polled by ${pollers} every ${intervalMs}`;
      await site.begin(runId);
      const clients = Array.from({ length: pollers }, () => new Poller(site.url, runId, intervalMs));
      const { perSecond, writes } = PACE;
      const cell = await measureCell(site, runId, clients, { from: 0, until: writes, perSecond });
      figures.push({ pollers, intervalMs, perSecond, ...cell });
      for (const client of clients) client.leave();
    }
  }
  await site.end();
  return { title: `The same tree, polled: ${WRITERS.record.name}`, lines: table(COLUMNS, figures), figures };
}

const COLUMNS = columnsOf<PollCell>(
  { head: 'pollers', of: ({ pollers }) => String(pollers) },
  { head: 'every ms', of: ({ intervalMs }) => String(intervalMs) },
);
