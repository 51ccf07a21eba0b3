/** Writes a file as lythonic does, opening it for each write: `writerProcess.ts FILE COUNT`; or never ends: `FILE unfinished`. */
import Database from 'better-sqlite3';
import { addRun } from './files.ts';

const [, , path = '', count = ''] = process.argv;

if (count === 'unfinished') {
  const db = new Database(path);
  // So few pages are kept in memory that changes go to the file before they are committed.
  db.pragma('cache_size = 1');
  db.exec("BEGIN; UPDATE dag_runs SET status = 'running'");
  for (let i = 0; i < 1_000; i++) addRun(db, `lost ${i}`, { source_inputs_json: 'x'.repeat(1_000) });
  process.send?.('written');
  setInterval(() => {}, 1_000);
} else {
  for (let i = 0; i < Number(count); i++) {
    // Python waits for a lock for five seconds.
    const db = new Database(path, { timeout: 5_000 });
    db.pragma('synchronous = OFF');
    addRun(db, `written ${i}`, { status: 'running' });
    db.close();
  }
}
