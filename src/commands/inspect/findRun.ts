import { RecentRunIdsDocument, RunHeaderDocument } from '../../client/gql/graphql.ts';
import { Fault } from '../../errors.ts';
import type { Ask } from './ask.ts';

/** Among how many of the newest runs the beginning of an id is looked up. */
const NEWEST = 1_000;

/** The id of a run, from it or from its beginning. @throws Fault BAD_REQUEST if there is no such run, or more than one. */
export async function findRunId(ask: Ask, idOrBeginning: string): Promise<string> {
  const { dagRun } = await ask(RunHeaderDocument, { runId: idOrBeginning });
  return dagRun ? dagRun.runId : byBeginning(ask, idOrBeginning);
}

async function byBeginning(ask: Ask, beginning: string): Promise<string> {
  const { dagRuns } = await ask(RecentRunIdsDocument, { first: NEWEST });
  const [id, ...others] = dagRuns.nodes.map(({ runId }) => runId).filter((runId) => runId.startsWith(beginning));
  if (id === undefined) {
    throw new Fault(
      'BAD_REQUEST',
      `there is no run ${beginning}, and none of the newest ${NEWEST} has an id that begins so; without a run, inspect lists the newest`,
    );
  }
  if (others.length === 0) return id;
  throw new Fault(
    'BAD_REQUEST',
    `${others.length + 1} runs have an id that begins with ${beginning}; give more of it, such as ${id}`,
  );
}
