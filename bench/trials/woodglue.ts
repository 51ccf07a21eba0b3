import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../atExit.ts';
import { type Goal, type Reached, withGoals } from '../goals.ts';
import { type Figure, type Trial, timed } from '../measure.ts';
import { pageOf, type Question, treeQuestion } from '../questions.ts';
import type { Section } from '../section.ts';
import { rootOf } from '../stores/day.ts';
import { ATTACHED, storeFile } from '../stores/storeFile.ts';
import { post } from '../subjects/post.ts';
import { serveProgram } from '../subjects/program.ts';
import { installWoodglue, serveWoodglue } from '../woodglue/woodglue.ts';

const SIZES = [1_000, 100_000];
const PAGE = 50;

/** The HTTP server of lythonic's author and dagloupe, over the same file. */
export async function* woodglue(wanted: string): AsyncGenerator<Section> {
  const installed = await installWoodglue();
  if ('missing' in installed) yield { title: 'woodglue', lines: [`skipped: ${installed.missing}`], figures: [] };
  else yield* withGoals(timed(trials(installed.python), wanted), goals);
}

async function* trials(python: string): AsyncGenerator<Trial> {
  for (const runs of SIZES) {
    const folder = temporaryFolder();
    const file = join(folder, 'dags.db');
    // A copy: lythonic opens files to write them.
    await copyFile(await storeFile(ATTACHED, runs), file);
    const woodglue = await serveWoodglue(python, folder, file);
    const program = await serveProgram(file);
    const asking = ({ graphql }: Question) => {
      const body = JSON.stringify(graphql);
      return () => post(program.url, body);
    };
    try {
      const inspect = () => woodglue.call('inspect_run', { run_id: rootOf('narrow') });
      yield await compared(nameOf('tree', runs), inspect, asking(treeQuestion('narrow')), labelsIn);
      const recent = () => woodglue.call('recent_runs', { limit: PAGE });
      yield await compared(nameOf('list', runs), recent, asking(pageOf('roots and sub-runs', PAGE)), idsIn);
    } finally {
      await Promise.all([woodglue.end(), program.end()]);
    }
  }
}

function nameOf(what: string, runs: number): string {
  return `${what}, ${runs.toLocaleString('en-US')} runs`;
}

type Ask = () => Promise<string>;

/** Their answers have different forms, so what tells the rows in them is compared. */
async function compared(name: string, woodglue: Ask, dagloupe: Ask, essence: (text: string) => string): Promise<Trial> {
  const [one, other] = [essence(await woodglue()), essence(await dagloupe())];
  if (one !== other) throw new Error(`${name}: expected ${one}, but got ${other}`);
  return {
    name,
    subjects: [
      { name: 'woodglue', run: woodglue },
      { name: 'dagloupe', run: dagloupe },
    ],
  };
}

function labelsIn(text: string): string {
  return [...text.matchAll(/"node_?label": ?("[^"]+")/gi)]
    .map(([, label]) => label)
    .toSorted()
    .join();
}

function idsIn(text: string): string {
  const { result, data } = JSON.parse(text) as Partial<RecentRuns & List>;
  return (data?.dagRuns.nodes.map(({ runId }) => runId) ?? result?.map((run) => run.run_id) ?? []).join();
}

interface RecentRuns {
  readonly result: readonly { readonly run_id: string }[];
}

interface List {
  readonly data: { readonly dagRuns: { readonly nodes: readonly { readonly runId: string }[] } };
}

function goals(figures: readonly Figure[]): Goal[] {
  const faster = (what: string, runs: number): Reached => {
    const where = nameOf(what, runs);
    const dagloupe = figures.find(({ trial, subject }) => trial === where && subject === 'dagloupe');
    return { reached: dagloupe?.ratio ?? Number.NaN, where };
  };
  const [few = 0, many = 0] = SIZES;
  return [
    { name: 'tree', atLeast: 3.5, unit: 'times as fast', ...faster('tree', few) },
    { name: 'tree', atLeast: 15, unit: 'times as fast', ...faster('tree', many) },
    { name: 'list', atLeast: 300, unit: 'times as fast', ...faster('list', many) },
  ];
}
