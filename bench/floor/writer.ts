/** The floor of writing: bare inserts of the rows, and callers who arrive together share a commit. */
import Database from 'better-sqlite3';

/** The start of a node: a row, and a row for its input. */
export interface BareStart {
  readonly runId: string;
  readonly nodeLabel: string;
  readonly inputJson: string;
}

export interface FloorWriter {
  /** Resolves once all of it is on disk. */
  write(starts: readonly BareStart[]): Promise<void>;
  close(): void;
}

interface Waiting {
  readonly starts: readonly BareStart[];
  readonly resolve: () => void;
}

export function openFloorWriter(path: string): FloorWriter {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`
    CREATE TABLE IF NOT EXISTS nodes (run_id TEXT, node_label TEXT, status TEXT, started_at REAL, PRIMARY KEY (run_id, node_label)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS payloads (run_id TEXT, node_label TEXT, input TEXT, PRIMARY KEY (run_id, node_label))`);
  const node = db.prepare("INSERT INTO nodes VALUES (?, ?, 'running', ?)");
  const payload = db.prepare('INSERT INTO payloads VALUES (?, ?, ?)');
  const commit = db.transaction((group: readonly Waiting[]) => {
    for (const { starts } of group) {
      for (const { runId, nodeLabel, inputJson } of starts) {
        node.run(runId, nodeLabel, Date.now() / 1000);
        payload.run(runId, nodeLabel, inputJson);
      }
    }
  });
  let waiting: Waiting[] = [];
  const commitAll = (): void => {
    const group = waiting;
    waiting = [];
    commit.immediate(group);
    for (const { resolve } of group) resolve();
  };
  return {
    write: (starts) =>
      new Promise((resolve) => {
        waiting.push({ starts, resolve });
        if (waiting.length === 1) setImmediate(commitAll);
      }),
    close: () => {
      db.close();
    },
  };
}
