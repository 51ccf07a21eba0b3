import type { NodeKey } from '../../model.ts';
import { changesOf, type RaisedPart } from '../ledger/parts.ts';
import { nodeKey } from '../ledger/rows.ts';
import type { NodeHistory, RunHistory, TreePart } from '../transfer.ts';
import { commit } from './commit.ts';
import { nodeKeys } from './keys.ts';
import { attemptsOf, restartsOf } from './load.ts';
import type { Session } from './session.ts';
import { writes } from './write.ts';

const RUN_HISTORIES = `
  SELECT r.run_id AS "runId", r.status_at AS "statusAt", t.tree_version AS "treeVersion"
  FROM dag_runs AS r JOIN dag_runs AS t ON t.run_id = r.root_run_id WHERE r.run_id = ANY($1::text[])`;

export async function runHistories(session: Session, runIds: readonly string[]): Promise<RunHistory[]> {
  const [left, rows] = await Promise.all([
    restartsOf(session, runIds),
    session.all<Omit<RunHistory, 'restarts'>>(RUN_HISTORIES, [runIds]),
  ]);
  const restarts = Map.groupBy(left, ({ runId }) => runId);
  return rows.map((row) => ({ ...row, restarts: restarts.get(row.runId) ?? [] }));
}

const NODE_HISTORIES = `
  SELECT n.run_id AS "runId", n.node_label AS "nodeLabel", n.attempt, n.restart
  FROM unnest($1::text[], $2::text[]) AS k (run_id, node_label)
  JOIN node_executions AS n ON n.run_id = k.run_id AND n.node_label = k.node_label WHERE n.restart > 0`;

export async function nodeHistories(session: Session, keys: readonly NodeKey[]): Promise<NodeHistory[]> {
  const rows = await session.all<Omit<NodeHistory, 'earlier'>>(NODE_HISTORIES, nodeKeys(keys));
  const attempts = Map.groupBy(await attemptsOf(session, rows), nodeKey);
  return rows.map((row) => ({ ...row, earlier: attempts.get(nodeKey(row)) ?? [] }));
}

/** In order of id, as whoever records does. */
const LOCK_TREES = 'SELECT run_id FROM dag_runs WHERE run_id = ANY($1::text[]) ORDER BY run_id FOR UPDATE';

/** What is there of trees. The rows of one whose runs did not come any more have versions too. */
const TREES = `
  SELECT k.run_id AS "rootRunId", t.tree_version AS version, c.version AS "copiedVersion", greatest(
    (SELECT max(n.version) FROM node_executions AS n WHERE n.root_run_id = k.run_id),
    (SELECT max(e.version) FROM edge_traversals AS e WHERE e.root_run_id = k.run_id)
  ) AS leftover
  FROM unnest($1::text[]) AS k (run_id) LEFT JOIN dag_runs AS t ON t.run_id = k.run_id
  LEFT JOIN copied_trees AS c ON c.root_run_id = k.run_id`;

interface Tree {
  readonly rootRunId: string;
  /** Null: it is not there. */
  readonly version: number | null;
  readonly copiedVersion: number | null;
  readonly leftover: number | null;
}

const NSREFS = 'SELECT run_id AS "runId", dag_nsref AS "dagNsref" FROM dag_runs WHERE run_id = ANY($1::text[])';

const MARK_COPIED = `
  INSERT INTO copied_trees (root_run_id, version) SELECT run_id, tree_version FROM dag_runs WHERE run_id = ANY($1::text[])
  ON CONFLICT (root_run_id) DO UPDATE SET version = excluded.version`;

/** In a transaction of its own. Gives the roots of the trees that were written, and of those that were left alone. */
export async function importTrees(
  session: Session,
  parts: readonly TreePart[],
  lane: number,
): Promise<{ readonly written: string[]; readonly leftAlone: string[] }> {
  const roots = parts.map(({ rootRunId }) => rootRunId);
  const runs = parts.flatMap((part) => part.runs);
  const touched = runs.flatMap(({ runId, parentRunId }) => (parentRunId === null ? [runId] : [runId, parentRunId]));
  const [, locked, found, named] = await session.batch([
    { sql: 'BEGIN ISOLATION LEVEL READ COMMITTED' },
    { sql: LOCK_TREES, values: [roots] },
    { sql: TREES, values: [roots] },
    { sql: NSREFS, values: [touched] },
  ]);
  const trees = new Map(((found?.rows ?? []) as Tree[]).map((tree) => [tree.rootRunId, tree]));
  const lockedIds = new Set(((locked?.rows ?? []) as { run_id: string }[]).map((row) => row.run_id));
  const isAlteredSince = ({ rootRunId }: TreePart): boolean => {
    const { version = null, copiedVersion = null } = trees.get(rootRunId) ?? {};
    // One that appeared while the others were waited for is not locked: somebody else has just made it.
    return version !== null && (version !== copiedVersion || !lockedIds.has(rootRunId));
  };
  const written = parts.filter((part) => !isAlteredSince(part));
  const there = new Map(
    ((named?.rows ?? []) as { runId: string; dagNsref: string }[]).map((row) => [row.runId, row.dagNsref]),
  );
  const nsrefs = new Map([...there, ...runs.map(({ runId, dagNsref }) => [runId, dagNsref] as const)]);
  const rootOf = new Map(written.flatMap(rootsInside));
  const known = {
    isNew: (runId: string) => !there.has(runId),
    rootOf: (runId: string) => rootOf.get(runId) ?? runId,
    nsrefOf: (runId: string) => nsrefs.get(runId),
  };
  await commit(session, [
    ...(await writes(changesOf(raisedParts(written, trees)), known, lane)),
    { sql: MARK_COPIED, values: [written.map(({ rootRunId }) => rootRunId)] },
  ]);
  return {
    written: written.map(({ rootRunId }) => rootRunId),
    leftAlone: parts.filter(isAlteredSince).map(({ rootRunId }) => rootRunId),
  };
}

/** For each run that has rows in a part, the root. */
function rootsInside(part: TreePart): [runId: string, rootRunId: string][] {
  const rows = [...part.runPayloads, ...part.restarts, ...part.nodePayloads];
  return rows.map(({ runId }) => [runId, part.rootRunId]);
}

/** Each with a version of its tree that is beyond all that were ever there. */
function raisedParts(parts: readonly TreePart[], trees: ReadonlyMap<string, Tree>): RaisedPart[] {
  return parts.map((part) => {
    const { version = null, leftover = null } = trees.get(part.rootRunId) ?? {};
    return { ...part, raisedTo: Math.max(part.version, (version ?? leftover ?? 0) + 1) };
  });
}
