import type { NodeKey } from '../../model.ts';
import type { Connection } from '../embedded/connection.ts';
import { NODE_KEYS, nodeKeys, textKeys } from '../embedded/keys.ts';
import { changesOf, type RaisedPart } from '../ledger/parts.ts';
import { nodeKey } from '../ledger/rows.ts';
import type { NodeHistory, RunHistory, TreePart } from '../transfer.ts';
import { attemptsOf, restartsOf } from './events.ts';
import { write } from './write.ts';

const RUN_HISTORIES = `
  SELECT r.run_id AS runId, r.status_at AS statusAt, t.tree_version AS treeVersion
  FROM dag_runs AS r JOIN dag_runs AS t ON t.run_id = r.root_run_id WHERE r.run_id IN (SELECT value FROM json_each(@runIds))`;

export function runHistories(db: Connection, runIds: readonly string[]): RunHistory[] {
  const restarts = Map.groupBy(restartsOf(db, runIds), ({ runId }) => runId);
  const rows = db.all<Omit<RunHistory, 'restarts'>>(RUN_HISTORIES, { runIds: textKeys(runIds) });
  return rows.map((row) => ({ ...row, restarts: restarts.get(row.runId) ?? [] }));
}

const NODE_HISTORIES = `
  SELECT n.run_id AS runId, n.node_label AS nodeLabel, n.attempt, n.restart
  FROM ${NODE_KEYS} CROSS JOIN node_executions AS n ON n.run_id = keys.key AND n.node_label = k.value
  WHERE n.restart > 0`;

export function nodeHistories(db: Connection, keys: readonly NodeKey[]): NodeHistory[] {
  const rows = db.all<Omit<NodeHistory, 'earlier'>>(NODE_HISTORIES, { keys: nodeKeys(keys) });
  const attempts = Map.groupBy(attemptsOf(db, rows), nodeKey);
  return rows.map((row) => ({ ...row, earlier: attempts.get(nodeKey(row)) ?? [] }));
}

/** Ids are in no order, so that rows go to pages all over the file: what is kept in memory need not be read and written again and again. */
const BULK = ['cache_size = -131072', 'wal_autocheckpoint = 16384'];

/** Gives the roots of the trees that were written, and of those that were left alone. */
export function importTrees(
  db: Connection,
  parts: readonly TreePart[],
): { readonly written: string[]; readonly leftAlone: string[] } {
  for (const pragma of BULK) db.pragma(pragma);
  // What is copied may lack what it refers to: a parent that is gone, runs that come in a later part.
  db.pragma('foreign_keys = 0');
  try {
    return db.write(() => {
      const written: RaisedPart[] = [];
      const leftAlone: string[] = [];
      for (const part of parts) {
        const { rootRunId } = part;
        const tree = db.get<{ version: number; copiedVersion: number | null }>(TREE, { rootRunId });
        if (tree && tree.version !== tree.copiedVersion) leftAlone.push(rootRunId);
        else written.push({ ...part, raisedTo: Math.max(part.version, (tree ?? leftover(db, rootRunId)).version + 1) });
      }
      write(db, changesOf(written));
      for (const { rootRunId } of written) db.run(MARK_COPIED, { rootRunId });
      return { written: written.map(({ rootRunId }) => rootRunId), leftAlone };
    });
  } finally {
    db.pragma('foreign_keys = 1');
  }
}

const TREE = `
  SELECT t.tree_version AS version, c.version AS copiedVersion
  FROM dag_runs AS t LEFT JOIN copied_trees AS c ON c.root_run_id = t.run_id WHERE t.run_id = @rootRunId`;

/** The rows of a tree whose runs did not come any more have versions too. */
const LEFTOVER = `
  SELECT max(
    coalesce((SELECT max(version) FROM node_executions WHERE root_run_id = @rootRunId), 0),
    coalesce((SELECT max(version) FROM edge_traversals WHERE root_run_id = @rootRunId), 0)
  ) AS version`;

function leftover(db: Connection, rootRunId: string): { readonly version: number } {
  return db.get<{ version: number }>(LEFTOVER, { rootRunId }) ?? { version: 0 };
}

const MARK_COPIED = `
  INSERT INTO copied_trees (root_run_id, version) SELECT run_id, tree_version FROM dag_runs WHERE run_id = @rootRunId
  ON CONFLICT (root_run_id) DO UPDATE SET version = excluded.version`;
