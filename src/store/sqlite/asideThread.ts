/** What the thread does that records huge batches: see `Aside`. */
import { parentPort, workerData } from 'node:worker_threads';
import { Fault } from '../../errors.ts';
import type { RunEvent } from '../../model.ts';
import { Connection } from '../embedded/connection.ts';
import { patiently } from '../embedded/patience.ts';
import type { Order, Outcome, Place } from './aside.ts';
import { recordBatches } from './events.ts';
import { tune } from './tune.ts';

const { path, limits }: Place = workerData;
let db: Connection | null = null;
let batches: RunEvent[][] = [];

parentPort?.on('message', async (order: Order) => {
  if (order === 'end') {
    db?.close();
    parentPort?.close();
  } else if (order === 'record') {
    parentPort?.postMessage(await outcome());
  } else if (order === 'forget') {
    batches = [];
  } else {
    if (order.batch === batches.length) batches.push([]);
    for (const event of order.events) batches[order.batch]?.push(event);
  }
});

async function outcome(): Promise<Outcome> {
  const whole = batches;
  batches = [];
  try {
    return { commit: await patiently(() => recordBatches(connection(), whole, limits)) };
  } catch (error) {
    if (error instanceof Fault) return { fault: { code: error.code, message: error.message } };
    throw error;
  }
}

function connection(): Connection {
  if (!db) {
    db = new Connection(path);
    tune(db);
  }
  return db;
}
