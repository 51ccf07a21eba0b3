import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Recorded, Refusal, RefusalCode, RunEvent } from '../../src/model.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { Store } from '../../src/store/store.ts';
import { completed, created, failed, finished, restarted, skipped, started, traversed } from '../support/events.ts';
import { temporaryFolder } from '../support/folder.ts';

const MAX_PAYLOAD = 100_000;

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await temporaryFolder();
  store = await openSqliteStore(join(folder, 'runs.db'), { limits: { maxPayloadBytes: MAX_PAYLOAD } });
  await store.record([created('r'), started('r', 'a')]);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const refusalsOf = (recorded: Recorded): readonly Refusal[] => (recorded.ok ? [] : recorded.refusals);

const runIds = async (): Promise<string[]> =>
  (await store.runPage({}, { limit: 100_000 })).map(({ runId }) => runId).toSorted();

/** An event that is refused, with the code, the field at fault and what the message says of it. */
type Bad = readonly [what: string, event: RunEvent, code: RefusalCode, path: readonly string[], says: RegExp];

async function expectRefused([, event, code, path, says]: Bad): Promise<void> {
  const before = await runIds();
  // Among good ones, since none of them may be recorded either.
  const recorded = await store.record([created('good'), event]);
  expect(recorded).toEqual({ ok: false, refusals: [{ code, path, event: 1, message: expect.stringMatching(says) }] });
  expect(await runIds()).toEqual(before);
}

const LONE = 'a\ud800b';
/** A payload of so many bytes. */
const payload = (bytes: number): string => `"${'é'.repeat((bytes - 2) / 2)}"`;

describe('A name is refused', () => {
  const cases: Bad[] = [
    ['an empty run id', created(''), 'INVALID_INPUT', ['runId'], /runId is empty; give the id of a run/],
    ['an empty run id, of a node', started('', 'a'), 'INVALID_INPUT', ['runId'], /runId is empty/],
    [
      'a run id that is too long',
      created('x'.repeat(513)),
      'INVALID_INPUT',
      ['runId'],
      /runId has 513 characters; the most is 512/,
    ],
    [
      'a lone surrogate in a run id',
      created(LONE),
      'INVALID_INPUT',
      ['runId'],
      /runId has an unpaired surrogate.*replace it/,
    ],
    [
      'an empty DAG name',
      created('x', { dagNsref: '' }),
      'INVALID_INPUT',
      ['dagNsref'],
      /dagNsref is empty; give the name of the DAG/,
    ],
    [
      'a DAG name that is too long',
      created('x', { dagNsref: 'x'.repeat(65_537) }),
      'INVALID_INPUT',
      ['dagNsref'],
      /the most is 65536/,
    ],
    ['a lone surrogate in a DAG name', created('x', { dagNsref: LONE }), 'INVALID_INPUT', ['dagNsref'], /surrogate/],
    ['an empty parent', created('x', { parentRunId: '' }), 'INVALID_INPUT', ['parentRunId'], /parentRunId is empty/],
    [
      'a lone surrogate in a parent',
      created('x', { parentRunId: LONE }),
      'INVALID_INPUT',
      ['parentRunId'],
      /surrogate/,
    ],
    [
      'an initiator that is too long',
      created('x', { initiatedBy: 'x'.repeat(4_097) }),
      'INVALID_INPUT',
      ['initiatedBy'],
      /the most is 4096/,
    ],
    [
      'a lone surrogate in an initiator',
      created('x', { initiatedBy: LONE }),
      'INVALID_INPUT',
      ['initiatedBy'],
      /surrogate/,
    ],
    [
      'a label that is too long',
      started('r', 'x'.repeat(4_097)),
      'INVALID_INPUT',
      ['nodeLabel'],
      /nodeLabel has 4097 characters; the most is 4096/,
    ],
    ['a lone surrogate in a label', skipped('r', LONE), 'INVALID_INPUT', ['nodeLabel'], /surrogate/],
    [
      'a lone surrogate in an upstream label',
      traversed('r', LONE, 'b'),
      'INVALID_INPUT',
      ['upstreamLabel'],
      /surrogate/,
    ],
    [
      'a downstream label that is too long',
      traversed('r', 'a', 'x'.repeat(4_097)),
      'INVALID_INPUT',
      ['downstreamLabel'],
      /the most is 4096/,
    ],
    [
      'a lone surrogate in one of many edges',
      completed('r', 'a', {
        edges: [
          { upstreamLabel: 'a', downstreamLabel: 'b' },
          { upstreamLabel: 'a', downstreamLabel: LONE },
        ],
      }),
      'INVALID_INPUT',
      ['edges', '1', 'downstreamLabel'],
      /edges\.1\.downstreamLabel has an unpaired surrogate/,
    ],
  ];
  test.each(cases)('for %s', async (...bad) => expectRefused(bad));

  test('never for its length if it is as long as it may be', async () => {
    const runId = 'x'.repeat(512);
    const nodeLabel = '🂱'.repeat(2_048);
    const batch = [
      created(runId, { dagNsref: 'x'.repeat(65_536), initiatedBy: 'x'.repeat(4_096) }),
      started(runId, nodeLabel),
    ];
    expect(await store.record(batch)).toMatchObject({ ok: true });
    expect(await store.nodesByKeys([{ runId, nodeLabel }])).toMatchObject([{ runId, nodeLabel }]);
  });

  test('never for NUL, which is kept exactly', async () => {
    const nul = 'a\0b';
    await store.record([
      created(nul, { dagNsref: nul, initiatedBy: nul }),
      created(`${nul}2`, { parentRunId: nul }),
      started(nul, nul),
      failed(nul, nul, { error: nul }),
      traversed(nul, nul, `\0${nul}`),
    ]);
    expect(await store.runsByIds([nul])).toMatchObject([{ runId: nul, dagNsref: nul, initiatedBy: nul }]);
    expect(await store.runsByIds([`${nul}2`])).toMatchObject([{ parentRunId: nul, rootRunId: nul }]);
    expect(await store.nodesByKeys([{ runId: nul, nodeLabel: nul }])).toMatchObject([{ nodeLabel: nul, error: nul }]);
    expect(await store.edgesByRuns([nul], 9)).toMatchObject([{ upstreamLabel: nul, downstreamLabel: `\0${nul}` }]);
    expect(await store.runsByIds(['a', 'a\0'])).toEqual([]);
  });
});

describe('A payload is refused', () => {
  const bad = (what: string, json: string, says: RegExp): Bad => [
    what,
    started('r', 'x', { inputJson: json }),
    'INVALID_JSON',
    ['inputJson'],
    says,
  ];
  const cases: Bad[] = [
    bad('an empty text', '', /inputJson is not JSON: line 1, column 1: expected a value but the text ends/),
    bad('a word', 'hello', /expected a value but got "h"/),
    bad('Python’s way to show a dict', "{'a': 1}", /expected a key in double quotes but got "'"/),
    bad('Python’s None', 'None', /expected a value but got "N"/),
    bad('half a list', '[1, 2', /line 1, column 6: expected "," or "\]" but the text ends/),
    bad('a comma too much', '[1,\n]', /line 2, column 1/),
    bad('two values', '1 2', /expected the end of the text/),
    bad('a line break in a string', '"a\nb"', /control character/),
    bad('a lone surrogate', `"${LONE}"`, /lone surrogate must be written as an escape/),
    bad('a byte order mark', '\ufeff1', /expected a value/),
    [
      'a source input that is not JSON',
      created('x', { sourceInputsJson: '{' }),
      'INVALID_JSON',
      ['sourceInputsJson'],
      /not JSON/,
    ],
    [
      'a sink output that is not JSON',
      finished('r', { sinkOutputsJson: '{' }),
      'INVALID_JSON',
      ['sinkOutputsJson'],
      /not JSON/,
    ],
    [
      'an output that is not JSON',
      completed('r', 'a', { outputJson: '{' }),
      'INVALID_JSON',
      ['outputJson'],
      /not JSON/,
    ],
    [
      'a reused output that is not JSON',
      skipped('r', 'x', { outputJson: '{' }),
      'INVALID_JSON',
      ['outputJson'],
      /not JSON/,
    ],
    [
      'more bytes than allowed, though fewer characters',
      started('r', 'x', { inputJson: payload(MAX_PAYLOAD + 2) }),
      'PAYLOAD_TOO_LARGE',
      ['inputJson'],
      /inputJson has 100002 bytes; the most is 100000: store it elsewhere and record where/,
    ],
    [
      'an error text with more bytes than allowed',
      failed('r', 'a', { error: 'x'.repeat(MAX_PAYLOAD + 1) }),
      'PAYLOAD_TOO_LARGE',
      ['error'],
      /error has 100001 bytes/,
    ],
    ['a lone surrogate in an error text', failed('r', 'a', { error: LONE }), 'INVALID_INPUT', ['error'], /surrogate/],
  ];
  test.each(cases)('for %s', async (...bad) => expectRefused(bad));

  test.each([
    ['as many bytes as allowed', payload(MAX_PAYLOAD)],
    ['10,000 levels', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['10,000 levels of objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['Python’s NaN and Infinity', '[NaN, Infinity, -Infinity]'],
    ['integers that JavaScript cannot hold', '123456789012345678901234567890'],
    ['the same key twice', '{"a": 1, "a": 2}'],
    ['an escaped lone surrogate and an escaped NUL', '"\\ud800\\u0000"'],
    ['white space around it', ' \n\t{ "a" : 1 }\r\n'],
  ])('never for %s, and kept to the letter', async (_, json) => {
    expect(await store.record([started('r', 'x', { inputJson: json })])).toMatchObject({ ok: true });
    const [kept] = await store.nodePayloads([{ runId: 'r', nodeLabel: 'x' }]);
    expect(kept?.inputJson).toBe(json);
  });
});

describe('A time is refused', () => {
  const LAST = 253_402_300_799;
  test.each([Number.NaN, Infinity, -Infinity, LAST + 1, -62_135_596_801, Number.MAX_VALUE])(
    'for being %d',
    async (at) => {
      await expectRefused([
        '',
        created('x', { at }),
        'INVALID_INPUT',
        ['at'],
        /at is not a time between the years 1 and 9999, in seconds/,
      ]);
    },
  );

  test('never within the years 1 to 9999, and kept exactly', async () => {
    for (const at of [-62_135_596_800, -1.5, 0, 1_795_314_183.832352, LAST + 0.999]) {
      await store.record([created(`at ${at}`, { at })]);
      expect(await store.runsByIds([`at ${at}`])).toMatchObject([{ startedAt: at }]);
    }
  });
});

describe('A word is refused', () => {
  const word = <Status>(status: string): Status => status as Status;
  const cases: Bad[] = [
    [
      'a status that is none',
      restarted('r', { status: word('sleeping') }),
      'INVALID_INPUT',
      ['status'],
      /cannot be SLEEPING here; use one of RUNNING, PAUSED/,
    ],
    [
      'a status in capitals',
      restarted('r', { status: word('RUNNING') }),
      'INVALID_INPUT',
      ['status'],
      /status cannot be/,
    ],
    [
      'an end that is none',
      finished('r', { status: word('running') }),
      'INVALID_INPUT',
      ['status'],
      /use one of COMPLETED, FAILED, CANCELLED/,
    ],
  ];
  test.each(cases)('for %s', async (...bad) => expectRefused(bad));
});

describe('What is not there cannot be referred to, and the message names it', () => {
  const cases: Bad[] = [
    [
      'the parent of a run',
      created('x', { parentRunId: 'gone' }),
      'PARENT_NOT_FOUND',
      ['parentRunId'],
      /no run gone to be the parent; create it first/,
    ],
    [
      'itself as its parent',
      created('x', { parentRunId: 'x' }),
      'PARENT_NOT_FOUND',
      ['parentRunId'],
      /run x cannot be its own parent; leave the parent out/,
    ],
    ['the run that ends', finished('gone'), 'RUN_NOT_FOUND', ['runId'], /no run gone; create it first/],
    ['the run that goes on', restarted('gone'), 'RUN_NOT_FOUND', ['runId'], /gone/],
    ['the run of a node that starts', started('gone', 'a'), 'RUN_NOT_FOUND', ['runId'], /gone/],
    ['the run of a node that ends', completed('gone', 'a'), 'RUN_NOT_FOUND', ['runId'], /gone/],
    ['the run of a node that is skipped', skipped('gone', 'a'), 'RUN_NOT_FOUND', ['runId'], /gone/],
    ['the run of an edge', traversed('gone', 'a', 'b'), 'RUN_NOT_FOUND', ['runId'], /gone/],
    [
      'the node that completes',
      completed('r', 'gone'),
      'NODE_NOT_FOUND',
      ['nodeLabel'],
      /node "gone" of run r has not started; record its start first/,
    ],
    ['the node that fails', failed('r', 'gone'), 'NODE_NOT_FOUND', ['nodeLabel'], /"gone" of run r/],
    ['the upstream of an edge', traversed('r', 'gone', 'a'), 'NODE_NOT_FOUND', ['upstreamLabel'], /"gone" of run r/],
    [
      'the upstream of an edge among others',
      completed('r', 'a', {
        edges: [
          { upstreamLabel: 'a', downstreamLabel: 'b' },
          { upstreamLabel: 'gone', downstreamLabel: 'b' },
        ],
      }),
      'NODE_NOT_FOUND',
      ['edges', '1', 'upstreamLabel'],
      /"gone" of run r/,
    ],
  ];
  test.each(cases)('%s', async (...bad) => expectRefused(bad));
});

describe('A batch', () => {
  test('of 10,000 events is recorded as a whole', async () => {
    const events = [created('big'), ...Array.from({ length: 9_999 }, (_, i) => started('big', `node ${i}`))];
    expect(await store.record(events)).toEqual({ ok: true, changed: events.map(() => true) });
    expect(await store.nodeCounts(['big'])).toEqual([{ runId: 'big', status: 'running', count: 9_999 }]);
  });

  test('with one bad event among 1,000 writes nothing, and says which one it is', async () => {
    const events: RunEvent[] = [created('big'), ...Array.from({ length: 999 }, (_, i) => started('big', `node ${i}`))];
    events[700] = completed('big', 'never started');
    expect(await store.record(events)).toMatchObject({ ok: false, refusals: [{ event: 700, code: 'NODE_NOT_FOUND' }] });
    expect(await runIds()).toEqual(['r']);
    expect(await store.nodeCounts(['big'])).toEqual([]);
    events[700] = started('big', 'node 700');
    expect(await store.record(events)).toMatchObject({ ok: true });
  });

  test('of bad events alone is told of the first twenty', async () => {
    const refusals = refusalsOf(await store.record(Array.from({ length: 1_000 }, (_, i) => finished(`gone ${i}`))));
    expect(refusals.map(({ event }) => event)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    for (const { event, message } of refusals) expect(message).toContain(`gone ${event}`);
  });

  test('that is sent again changes nothing, also when a run is restarted in it', async () => {
    const lives = [0, 10, 20].flatMap((t) => [
      ...(t ? [restarted('x', { at: t })] : []),
      started('x', 'a', { inputJson: '1', at: t + 1 }),
      started('x', 'b', { at: t + 2 }),
      failed('x', 'a', { error: `boom at ${t}`, at: t + 3 }),
      finished('x', { status: 'failed', at: t + 4 }),
    ]);
    const batch = [
      created('x', { at: 0 }),
      created('x.1', { parentRunId: 'x', at: 1 }),
      skipped('x', 'old', { outputJson: '[]', at: 1 }),
      ...lives,
      restarted('x', { at: 30 }),
      started('x', 'a', { inputJson: '2', at: 31 }),
      completed('x', 'a', { outputJson: '3', edges: [{ upstreamLabel: 'a', downstreamLabel: 'c' }], at: 32 }),
      traversed('x', 'old', 'c', { at: 33 }),
      finished('x', { sinkOutputsJson: '4', at: 34 }),
    ];
    expect(await store.record(batch)).toEqual({ ok: true, changed: batch.map(() => true) });
    const whole = async () => [
      await store.runsByIds(['x', 'x.1']),
      await store.nodesByRuns(['x'], {}, 99),
      await store.edgesByRuns(['x'], 99),
      await store.nodePayloads([{ runId: 'x', nodeLabel: 'a' }]),
      await store.runPayloads(['x']),
      await store.treeCursors([]),
    ];
    const before = await whole();
    expect(await store.record(batch)).toEqual({ ok: true, changed: batch.map(() => false) });
    expect(await Promise.all([store.record(batch), store.record(batch)])).toEqual(
      Array(2).fill({ ok: true, changed: batch.map(() => false) }),
    );
    expect(await whole()).toEqual(before);
  });

  test('with a large payload in each event is recorded as a whole', async () => {
    const events = [
      created('big'),
      ...Array.from({ length: 100 }, (_, i) => started('big', `${i}`, { inputJson: payload(MAX_PAYLOAD) })),
    ];
    expect(await store.record(events)).toMatchObject({ ok: true });
    const sizes = await store.nodePayloadSizes([{ runId: 'big', nodeLabel: '99' }]);
    expect(sizes).toMatchObject([{ inputBytes: MAX_PAYLOAD }]);
  });
});

test('A deep tree of runs is recorded and read', async () => {
  const runs = Array.from({ length: 500 }, (_, i) =>
    created(`deep ${i}`, { parentRunId: i ? `deep ${i - 1}` : null, at: i }),
  );
  expect(await store.record(runs)).toMatchObject({ ok: true });
  const [root, middle] = [await store.runsByIds(['deep 0']), await store.runsByIds(['deep 250'])];
  expect(await store.descendantPages(root, { limit: 1_000 })).toHaveLength(499);
  expect(await store.descendantPages(middle, { limit: 1_000 })).toHaveLength(249);
});
