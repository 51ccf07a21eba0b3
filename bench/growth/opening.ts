/** How soon a file answers, be it opened by a process that runs or by a server that is started. */
import { openStore } from '../../src/store/open.ts';
import { quantiles } from '../quantile.ts';
import { pageOf, type Question, treeQuestion } from '../questions.ts';
import type { Section } from '../section.ts';
import { answererOf } from '../subjects/inProcess.ts';
import { post } from '../subjects/post.ts';
import { serveProgram } from '../subjects/program.ts';
import { type Column, digits, table } from '../table.ts';
import { nameOf, type Place } from './place.ts';

/** Median times in milliseconds. The machine has the file in its memory. */
export interface Opening {
  readonly place: string;
  readonly runs: number;
  /** From the path to the first page. */
  readonly page: number;
  /** From the path to the first tree. */
  readonly tree: number;
  /** From the start of `dagloupe serve` to the first page over HTTP. */
  readonly serve: number;
}

const ROUNDS = 3;
const PAGE = pageOf('roots', 50);
const TREE = treeQuestion('narrow');

export async function opening(places: readonly Place[]): Promise<Section & { readonly figures: readonly Opening[] }> {
  const figures: Opening[] = [];
  for (const place of places) {
    figures.push({
      place: nameOf(place),
      runs: place.runs,
      page: await medianOf(() => open(place, PAGE)),
      tree: await medianOf(() => open(place, TREE)),
      serve: await medianOf(() => serve(place, PAGE)),
    });
  }
  return { title: 'opening a file, to the first answer', lines: table(COLUMNS, figures), figures };
}

/** What was begun is ended outside of the time that is taken. */
type Ended = () => Promise<void>;

async function open({ path }: Place, { graphql }: Question): Promise<Ended> {
  const { store } = await openStore(path, { mustExist: true });
  await answererOf(store)(graphql);
  return () => store.close();
}

async function serve({ path }: Place, { graphql }: Question): Promise<Ended> {
  const program = await serveProgram(path);
  await post(program.url, JSON.stringify(graphql));
  return program.end;
}

async function medianOf(work: () => Promise<Ended>): Promise<number> {
  const times: number[] = [];
  // Once more, before: what a process does only once is not to count.
  for (let round = -1; round < ROUNDS; round++) {
    const started = performance.now();
    const end = await work();
    if (round >= 0) times.push(performance.now() - started);
    await end();
  }
  return quantiles(times)(0.5);
}

const COLUMNS: readonly Column<Opening>[] = [
  { head: '', of: ({ place }) => place },
  { head: 'page ms', of: ({ page }) => digits(page) },
  { head: 'tree ms', of: ({ tree }) => digits(tree) },
  { head: 'serve, page ms', of: ({ serve }) => digits(serve) },
];
