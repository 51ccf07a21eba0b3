import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { RunEvent } from '../../../src/model.ts';
import { Client } from './client.ts';
import { Site } from './site.ts';

/** What may happen, in any order. */
type Step =
  | { readonly do: 'write'; readonly events: readonly RunEvent[] }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'cut' | 'stop' | 'start' | 'restart' | 'pause' | 'resume' };

const ROOT: RunEvent = { type: 'runCreated', runId: 'root', dagNsref: 'd', sourceInputsJson: '{}', at: 0 };
/** Sub-runs of sub-runs; two for one part, and one that is named after no node. */
const NAMES: Readonly<Record<string, readonly [parent: string, dagNsref: string]>> = {
  a: ['root', 'd/m[2]'],
  b: ['root', 'd/m[10]'],
  c: ['root', 'd/m[2]'],
  d: ['a', 'd/m[2]/m/call'],
  e: ['d', 'd/m[2]/m/call/m[x][]'],
  f: ['root', 'd/other[]'],
};
const LABELS = ['m', 'm[x]', 'n', '～', '🜚'];

const subRun = fc.constantFrom(...Object.keys(NAMES));
const runId = fc.oneof({ weight: 2, arbitrary: fc.constant('root') }, { weight: 3, arbitrary: subRun });
const nodeLabel = fc.constantFrom(...LABELS);
/** The clock jumps, and often stands still. */
const at = fc.oneof(
  fc.constantFrom(10, 20),
  fc.integer({ min: 0, max: 40_000_000 }).map((micros) => micros / 1e6),
);
const event: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.tuple(subRun, at).map(([id, when]): RunEvent => {
    const [parentRunId, dagNsref] = NAMES[id] ?? [];
    return { type: 'runCreated', runId: id, dagNsref: dagNsref ?? '', parentRunId, sourceInputsJson: '{}', at: when };
  }),
  fc.record({
    type: fc.constant('runStatusChanged' as const),
    runId,
    status: fc.constantFrom('running' as const, 'paused' as const),
  }),
  fc.record({
    type: fc.constant('runFinished' as const),
    runId: subRun,
    status: fc.constantFrom('completed' as const, 'failed' as const),
    at,
  }),
  fc.record({ type: fc.constant('nodeStarted' as const), runId, nodeLabel, isSink: fc.boolean(), at }),
  fc.record({
    type: fc.constant('nodeCompleted' as const),
    runId,
    nodeLabel,
    edges: fc.array(fc.record({ upstreamLabel: nodeLabel, downstreamLabel: nodeLabel }), { maxLength: 2 }),
    at,
  }),
  fc.record({ type: fc.constant('nodeFailed' as const), runId, nodeLabel, error: fc.constant('boom'), at }),
);

const write = fc.record({
  do: fc.constant('write' as const),
  events: fc.array(event, { minLength: 1, maxLength: 12 }),
});
const wait = fc.record({ do: fc.constant('wait' as const), ms: fc.nat(15) });
const fate = fc.record({ do: fc.constantFrom('cut', 'stop', 'start', 'restart', 'pause', 'resume', 'cut', 'restart') });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: write },
  { weight: 3, arbitrary: wait },
  { weight: 4, arbitrary: fate },
);

const history = fc.record({
  before: fc.array(event, { maxLength: 12 }),
  steps: fc.array(step, { maxLength: 20, size: 'max' }),
  end: fc.constantFrom('completed' as const, 'failed' as const),
});

test('whatever is written and whatever breaks, the client ends up with the tree that a fresh read gives', async () => {
  let lost = 0;
  await fc.assert(
    fc.asyncProperty(history, async ({ before, steps, end }) => {
      await using site = await Site.open();
      await site.write(ROOT, ...before);
      const client = new Client(site.url, 'root');
      let isServing = true;
      for (const what of steps) {
        switch (what.do) {
          case 'write':
            await site.write(...what.events);
            break;
          case 'wait':
            await setTimeout(what.ms);
            break;
          case 'cut':
            site.passage.cut();
            break;
          case 'stop':
            await site.stopServer();
            isServing = false;
            break;
          case 'start':
            if (!isServing) await site.startServer();
            isServing = true;
            break;
          case 'restart':
            await site.restart();
            isServing = true;
            break;
          default:
            client[what.do]();
        }
      }
      if (!isServing) await site.startServer();
      client.resume();
      const whole = await site.fresh('root');
      await vi.waitFor(() => expect(client.told).toEqual(whole), { timeout: 10_000, interval: 5 });

      const ends = [...Object.keys(NAMES), 'root'];
      await site.write(...ends.map((id): RunEvent => ({ type: 'runFinished', runId: id, status: end, at: 50 })));
      await client.end;
      expect(client.told).toEqual(await site.fresh('root'));
      expect(client.updates.filter(({ reset }) => reset)).toHaveLength(1);
      lost += client.connections.filter(({ state }) => state === 'lost').length;
    }),
    { numRuns: 40 },
  );
  expect(lost).toBeGreaterThan(20);
});
