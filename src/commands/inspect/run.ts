import { RecentRunsDocument } from '../../client/gql/graphql.ts';
import { Fault } from '../../errors.ts';
import { openQuietly } from '../openQuietly.ts';
import { type Ask, askStore } from './ask.ts';
import { findRunId } from './findRun.ts';
import { loadRunTree } from './runTree.ts';
import { runTable, runTree } from './text.ts';

export interface InspectFlags {
  readonly limit: number;
  readonly full?: true;
  readonly json?: true;
  readonly text?: true;
}

/** A node with more sub-DAGs than this is folded in a terminal. */
const FOLD_ABOVE = 20;

/** Prints the newest runs of a file, or one run. */
export async function inspect(file: string, run: string | undefined, flags: InspectFlags): Promise<void> {
  const asText = flags.text ?? (process.stdout.isTTY && !flags.json);
  const { store } = await openQuietly(file, { mustExist: true });
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
  const runId = await findRunId(ask, idOrBeginning);
  const dagRun = await loadRunTree(ask, runId, { foldAbove: asText ? FOLD_ABOVE : undefined, withIo: full });
  if (!dagRun) throw new Fault('BAD_REQUEST', `the run ${runId} has just gone`);
  return asText ? runTree(dagRun, full ?? false) : json({ dagRun });
}

function json(data: unknown): string {
  return `${JSON.stringify(data, null, 2)}\n`;
}
