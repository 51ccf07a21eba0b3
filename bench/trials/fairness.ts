import { join } from 'node:path';
import { temporaryFolder } from '../atExit.ts';
import { Child } from '../child.ts';
import type { GreedyHandlers, Served } from '../fairness/greedyProcess.ts';
import { HUGE, hugeBatches } from '../fairness/huge.ts';
import { type Goal, goalsSection, highest } from '../goals.ts';
import { quantiles } from '../quantile.ts';
import type { Section } from '../section.ts';
import { ATTACHED, OWNED } from '../stores/storeFile.ts';
import { post } from '../subjects/post.ts';
import { serveProgram } from '../subjects/program.ts';
import { type Column, digits, table } from '../table.ts';

/** How long a small request takes, in milliseconds. */
interface Wait {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Of how many. */
  readonly count: number;
}

interface Fairness {
  readonly huge: string;
  readonly file: string;
  /** Of the second client while the first one is served. */
  readonly beside: Wait;
  /** Of the second client at the same time at a server that has nothing else to do: that much is the machine's. */
  readonly elsewhere: Wait;
  readonly first: Served;
}

const ROUNDS = 8;

/** How long one client is held up while another one asks for as much as the limits allow. */
export async function* fairness(wanted: string): AsyncGenerator<Section> {
  const folder = temporaryFolder();
  const greedy = new Child<GreedyHandlers>(new URL('../fairness/greedyProcess.ts', import.meta.url));
  const idle = await serveProgram(join(folder, 'idle.db'));
  const figures: Fairness[] = [];
  try {
    for (const kind of [OWNED, ATTACHED]) {
      if (!kind.name.includes(wanted)) continue;
      const path = join(folder, `${kind.name}.db`);
      await kind.record(path, hugeBatches());
      const { url, end } = await serveProgram(path);
      for (const { name, writes } of HUGE) {
        if (writes && kind !== OWNED) continue;
        const prepare = (round: number): Promise<void> => greedy.ask('prepare', { name, round });
        const ask = (): Promise<Served> => greedy.ask('ask', url);
        figures.push({ huge: name, file: kind.name, ...(await measure([url, idle.url], prepare, ask)) });
      }
      await end();
    }
  } finally {
    await greedy.end();
    await idle.end();
  }
  yield { title: 'a small request beside a huge one', lines: table(COLUMNS, figures), figures };
  yield goalsSection(goals(figures));
}

async function measure(
  urls: readonly [busy: string, idle: string],
  prepare: (round: number) => Promise<void>,
  ask: () => Promise<Served>,
): Promise<Pick<Fairness, 'beside' | 'elsewhere' | 'first'>> {
  await prepare(ROUNDS);
  await ask();
  const [beside, elsewhere]: [number[], number[]] = [[], []];
  const served: Served[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await prepare(round);
    let goesOn = true;
    const first = ask().finally(() => {
      goesOn = false;
    });
    while (goesOn) {
      beside.push(await wait(urls[0]));
      elsewhere.push(await wait(urls[1]));
    }
    served.push(await first);
  }
  const ms = quantiles(served.map((each) => each.ms))(0.5);
  return { beside: waitOf(beside), elsewhere: waitOf(elsewhere), first: { ms, bytes: served[0]?.bytes ?? 0 } };
}

const SMALL = JSON.stringify({ query: '{ dagRun(runId: "rows") { status } }' });

/** Asks for little. */
async function wait(url: string): Promise<number> {
  const started = performance.now();
  await post(url, SMALL);
  return performance.now() - started;
}

function waitOf(times: readonly number[]): Wait {
  const at = quantiles(times);
  return { p50: at(0.5), p99: at(0.99), max: at(1), count: times.length };
}

function goals(figures: readonly Fairness[]): Goal[] {
  const held = (of: 'p99' | 'max') =>
    highest(figures.map(({ huge, file, beside }) => ({ reached: beside[of], where: `${huge}, ${file}` })));
  return [
    { name: 'a second client is held up, at the most', below: 50, unit: 'ms', ...held('max') },
    { name: 'a second client is held up, p99', below: 25, unit: 'ms', ...held('p99') },
  ];
}

const COLUMNS: readonly Column<Fairness>[] = [
  { head: 'as much as allowed of', of: ({ huge, file }) => `${huge}, ${file}` },
  { head: 'MiB', of: ({ first }) => digits(first.bytes / 2 ** 20) },
  { head: 'ms', of: ({ first }) => digits(first.ms) },
  { head: 'beside it p50 ms', of: ({ beside }) => digits(beside.p50) },
  { head: 'p99', of: ({ beside }) => digits(beside.p99) },
  { head: 'max', of: ({ beside }) => digits(beside.max) },
  { head: 'elsewhere p50 ms', of: ({ elsewhere }) => digits(elsewhere.p50) },
  { head: 'p99', of: ({ elsewhere }) => digits(elsewhere.p99) },
  { head: 'max', of: ({ elsewhere }) => digits(elsewhere.max) },
  { head: 'of', of: ({ beside }) => String(beside.count) },
];
