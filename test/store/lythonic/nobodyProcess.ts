/** What `openAsNobody` runs: `nobodyProcess.ts FILE`. */
import { Fault } from '../../../src/errors.ts';
import { openLythonicStore } from '../../../src/store/lythonic/store.ts';
import type { Outcome } from './asNobody.ts';

const NOBODY = 65_534;

// The driver is loaded when it is first needed, from where this user may not be allowed to read.
await openLythonicStore(import.meta.filename).catch(() => {});
process.setgroups?.([]);
process.setgid?.(NOBODY);
process.setuid?.(NOBODY);
process.send?.(await open(process.argv[2] ?? ''));
process.disconnect?.();

async function open(path: string): Promise<Outcome> {
  try {
    const store = await openLythonicStore(path);
    await store.runPage({}, { limit: 1 });
    await store.close();
    return 'opened';
  } catch (error) {
    return error instanceof Fault ? { code: error.code, message: error.message } : { code: '', message: String(error) };
  }
}
