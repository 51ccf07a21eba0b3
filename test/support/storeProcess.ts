/** What runs in an `OtherProcess`: a store, asked through messages. */
import { Fault, type FaultCode } from '../../src/errors.ts';
import type { RunEvent } from '../../src/model.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';

export type Request =
  | { readonly op: 'open'; readonly path: string }
  | { readonly op: 'record'; readonly events: readonly RunEvent[] }
  | { readonly op: 'runIds' }
  | { readonly op: 'close' };

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly code: FaultCode; readonly message: string } };

const NOBODY = 65_534;

let store: Store | null = null;

async function answer(request: Request): Promise<unknown> {
  if (request.op === 'open') {
    ({ store } = await openStore(request.path));
    return;
  }
  if (!store) throw new Error('no store is open');
  switch (request.op) {
    case 'record':
      return store.record(request.events);
    case 'runIds':
      return (await store.runPage({}, { limit: 100_000 })).map(({ runId }) => runId);
    case 'close':
      return store.close();
  }
}

process.on('message', async (request: Request & { id: number }) => {
  const { id } = request;
  try {
    process.send?.({ id, value: await answer(request) } satisfies Answer);
  } catch (error) {
    const { code, message } = error instanceof Fault ? error : { code: 'INTERNAL' as const, message: String(error) };
    process.send?.({ id, error: { code, message } } satisfies Answer);
  }
});

// Not before everything is loaded, which another user may not be allowed to read.
if (process.argv.includes('nobody') && process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}
process.send?.('listening');
