/**
 * A process that records whole runs into a store until it is killed, three batches at a time, and says each run that was
 * acknowledged. Every twentieth is larger. On SIGTERM it closes the store and ends by itself.
 * Arguments: the file, what the names of its runs begin with, and how many nodes the larger runs have.
 */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { wholeRun } from './wholeRun.ts';

const [path = '', name = '', larger = ''] = process.argv.slice(2);
/** Written at once, so that it is said even if the next thing that happens is a kill. */
const say = (...words: string[]): number => writeSync(1, `${words.join(' ')}\n`);

const store = await openSqliteStore(path);
let isEnding = false;
process.on('SIGTERM', async () => {
  isEnding = true;
  await store.close();
  say('closed');
});

let runs = 0;
async function record(): Promise<void> {
  while (!isEnding) {
    const runId = `${name}.${runs++}`;
    const nodes = runs % 20 === 0 ? Number(larger) : 3;
    if (nodes > 3) say('larger', runId);
    const recorded = await store.record(wholeRun(runId, nodes));
    if (!recorded.ok) throw new Error(JSON.stringify(recorded.refusals));
    say('recorded', runId);
  }
}

say('open');
await Promise.all([record(), record(), record()]);
