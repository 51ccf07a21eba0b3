/** What the process does that makes the mirror of a big file: see `Aside`. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { Fault } from '../../errors.ts';
import { patiently } from '../embedded/patience.ts';
import type { Outcome, Task } from './aside.ts';
import { attachMirror, connect } from './connect.ts';
import { type Made, Mirror } from './mirror.ts';
import { FileViews } from './views.ts';

// Nobody waits for it any more.
process.once('disconnect', () => process.exit());

const [task]: Task[] = await once(process, 'message');
if (task) process.send?.(await outcome(task), () => process.disconnect?.());

async function outcome(task: Task): Promise<Outcome> {
  try {
    return { made: await make(task) };
  } catch (error) {
    if (error instanceof Fault) return { fault: { code: error.code, message: error.message } };
    throw error;
  }
}

async function make({ path, place }: Task): Promise<Made | null> {
  const db = connect(path);
  try {
    await patiently(() => attachMirror(db, place));
    // Both processes have it open: without a name, it is gone with them, however they end.
    rmSync(dirname(place), { recursive: true, force: true });
    const views = new FileViews(db);
    const mirror = await patiently(() => db.snapshot(() => new Mirror(db, views)));
    while (!(await patiently(() => db.snapshot(() => mirror.advance())))) {
      if (mirror.isOutdated) return null;
      await breathe();
    }
    return mirror.made();
  } finally {
    db.close();
  }
}
