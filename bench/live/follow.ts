/** Latency and cost where changes are pushed, for each writer, audience and pace. */
import type { Section } from '../section.ts';
import { table } from '../table.ts';
import { subscribers } from './audience.ts';
import { type Cell, measureCell } from './cell.ts';
import { columnsOf } from './columns.ts';
import type { Writer } from './site.ts';

const AUDIENCES = [1, 100, 1_000];

/** Writes of each cell: enough for a p99, in bounded time. */
const PACES = [
  { perSecond: 10, writes: 60 },
  { perSecond: 100, writes: 300 },
  { perSecond: 1_000, writes: 2_500 },
];

const WARM_UP = { perSecond: 200, writes: 200 };

export interface FollowCell extends Cell {
  readonly writer: string;
  readonly own: boolean;
  readonly subscribers: number;
  readonly perSecond: number;
}

export async function follow(writer: Writer): Promise<Section & { readonly figures: readonly FollowCell[] }> {
  const site = await writer.open();
  const figures: FollowCell[] = [];
  for (const audience of AUDIENCES) {
    const runId = `followed by ${audience}`;
    await site.begin(runId);
    const clients = await subscribers(audience, site, runId);
    let from = 0;
    for (const pace of [WARM_UP, ...PACES]) {
      const { perSecond } = pace;
      const until = from + pace.writes;
      const cell = await measureCell(site, runId, clients, { from, until, perSecond });
      from = until;
      if (pace !== WARM_UP)
        figures.push({ writer: writer.name, own: writer.own, subscribers: audience, perSecond, ...cell });
    }
    for (const client of clients) client.leave();
  }
  await site.end();
  return { title: `Changes pushed: ${writer.name}`, lines: table(COLUMNS, figures), figures };
}

const COLUMNS = columnsOf<FollowCell>({ head: 'subscribers', of: ({ subscribers }) => String(subscribers) });
