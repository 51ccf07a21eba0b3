import { RecentRunIdsDocument, RecentRunsDocument } from '../../client/gql/graphql.ts';
import { Fault } from '../../errors.ts';
import { openStore } from '../../store/open.ts';
import { type Ask, askStore } from './ask.ts';
import { loadRunTree, type RunTree } from './runTree.ts';
import { runTable, runTree } from './text.ts';

export interface InspectFlags {
  readonly limit: number;
  readonly full?: true;
  readonly json?: true;
  readonly text?: true;
}

/** A node with more sub-DAGs than this is folded in a terminal. */
const FOLD_ABOVE = 20;

/** Among how many of the newest runs the beginning of an id is looked up. */
const NEWEST = 1_000;

/** Prints the newest runs of a file, or one run. */
export async function inspect(file: string, run: string | undefined, flags: InspectFlags): Promise<void> {
  const asText = flags.text ?? (process.stdout.isTTY && !flags.json);
  const { store } = await openStore(file, { mustExist: true });
  try {
    const ask = askStore(store);
    const output = run === undefined ? await list(ask, flags, asText) : await show(ask, run, flags, asText);
    process.stdout.write(output);
  } finally {
    await store.close();
  }
}

async function list(ask: Ask, { limit }: InspectFlags, asText: boolean): Promise<string> {
  const { dagRuns } = await ask(RecentRunsDocument, { first: limit });
  return asText ? runTable(dagRuns.nodes) : json({ dagRuns: dagRuns.nodes });
}

async function show(ask: Ask, idOrBeginning: string, { full }: InspectFlags, asText: boolean): Promise<string> {
  const foldAbove = asText ? FOLD_ABOVE : undefined;
  const dagRun =
    (await loadRunTree(ask, idOrBeginning, foldAbove)) ?? (await byBeginning(ask, idOrBeginning, foldAbove));
  return asText ? runTree(dagRun, full ?? false) : json({ dagRun });
}

async function byBeginning(ask: Ask, beginning: string, foldAbove: number | undefined): Promise<RunTree> {
  const { dagRuns } = await ask(RecentRunIdsDocument, { first: NEWEST });
  const ids = dagRuns.nodes.map(({ runId }) => runId).filter((id) => id.startsWith(beginning));
  if (ids.length > 1) {
    throw new Fault(
      'BAD_REQUEST',
      `${ids.length} runs have an id that begins with ${beginning}; give more of it, such as ${ids[0]}`,
    );
  }
  const tree = ids[0] === undefined ? null : await loadRunTree(ask, ids[0], foldAbove);
  if (tree) return tree;
  throw new Fault(
    'BAD_REQUEST',
    `there is no run ${beginning}, and none of the newest ${NEWEST} has an id that begins so; without a run, inspect lists the newest`,
  );
}

function json(data: unknown): string {
  return `${JSON.stringify(data, null, 2)}\n`;
}
