import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { RunEvent } from '../../src/model.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { Trial } from '../measure.ts';

const EVENTS = 1_000;
const JSON_TEXT = JSON.stringify({ text: 'x'.repeat(190) });

/** Durable node starts, against bare inserts of the same rows into the same kind of file. */
export async function* ingest(): AsyncGenerator<Trial> {
  for (const callers of [1, 16, 64]) yield await starts(`${EVENTS} events, one by one, ${callers} callers`, callers, 1);
  yield await starts(`${EVENTS} events in one batch`, 1, EVENTS);
}

async function starts(name: string, callers: number, batch: number): Promise<Trial> {
  const folder = await mkdtemp(join(tmpdir(), 'dagloupe-bench-'));
  const store = await openSqliteStore(join(folder, 'runs.db'));
  await store.record([{ type: 'runCreated', runId: 'r', dagNsref: 'bench:ingest', sourceInputsJson: '{}' }]);
  let labels = 0;
  const start = (): RunEvent => ({
    type: 'nodeStarted',
    runId: 'r',
    nodeLabel: `node ${labels++}`,
    inputJson: JSON_TEXT,
  });
  const record = async (): Promise<void> => {
    for (let i = 0; i < EVENTS / callers / batch; i++) {
      const recorded = await store.record(Array.from({ length: batch }, start));
      if (!recorded.ok) throw new Error(JSON.stringify(recorded.refusals));
    }
  };

  const bare = new Database(join(folder, 'bare.db'));
  bare.pragma('journal_mode = WAL');
  bare.pragma('synchronous = FULL');
  bare.exec(`
    CREATE TABLE nodes (run_id TEXT, node_label TEXT, status TEXT, started_at REAL, PRIMARY KEY (run_id, node_label)) WITHOUT ROWID;
    CREATE TABLE payloads (run_id TEXT, node_label TEXT, input TEXT, PRIMARY KEY (run_id, node_label))`);
  const node = bare.prepare("INSERT INTO nodes VALUES ('r', ?, 'running', ?)");
  const payload = bare.prepare("INSERT INTO payloads VALUES ('r', ?, ?)");
  const insert = bare.transaction((count: number) => {
    for (let i = 0; i < count; i++) {
      const label = `node ${labels++}`;
      node.run(label, Date.now() / 1000);
      payload.run(label, JSON_TEXT);
    }
  });
  // Callers who arrive together share a commit here too.
  const together = Math.max(callers, batch);

  return {
    name,
    perRun: EVENTS,
    subjects: [
      {
        name: 'floor: bare inserts',
        run: () => {
          for (let done = 0; done < EVENTS; done += together) insert.immediate(together);
        },
      },
      { name: 'dagloupe, in process', run: () => Promise.all(Array.from({ length: callers }, record)) },
    ],
    async dispose() {
      bare.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
