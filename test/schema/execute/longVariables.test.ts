import { type ExecutionArgs, parse, type ValidatedExecutionArgs, validateExecutionArgs } from 'graphql';
import { expect, test } from 'vitest';
import { hasLongList, validatedArgsInTurns } from '../../../src/schema/execute/longVariables.ts';
import { schema } from '../../../src/schema/index.ts';
import { Turns } from '../../../src/schema/turns.ts';

const RECORD = 'mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded } }';
const BOTH = `query ($runIds: [ID!], $filter: DagRunFilter) {
  dagRuns(filter: $filter) { nodes { nodes(labels: $runIds) { nodeLabel } } }
}`;

type Validated = ValidatedExecutionArgs | ReturnType<typeof validateExecutionArgs>;

/** What runs: variables as their types have them, or what is wrong with them. */
function told(validated: Validated): unknown {
  if (!('schema' in validated)) return validated.map((error) => error.toJSON());
  const { operation, variableValues, rawVariableValues } = validated;
  return { operation, variableValues, rawVariableValues };
}

async function expectSame(query: string, variableValues: Record<string, unknown>): Promise<void> {
  const args: ExecutionArgs = { schema, document: parse(query), variableValues };
  expect(hasLongList(variableValues)).toBe(true);
  expect(told(await validatedArgsInTurns(args, new Turns()))).toEqual(told(validateExecutionArgs(args)));
}

const start = (node: number) => ({
  nodeStarted: { runId: 'r', nodeLabel: `node ${node}`, at: '2026-11-22T00:26:19Z' },
});
const starts = Array.from({ length: 2_000 }, (_, node) => start(node));
const wrong = [{ nodeStarted: { runId: 'r' } }, null, {}, 7, { ...start(1), nodeFailed: null }, { other: 1 }];

test('Long lists are taken in as short ones are', async () => {
  await expectSame(RECORD, { input: { events: starts } });
  await expectSame(RECORD, {
    input: { events: [...starts, { nodeCompleted: { runId: 'r', nodeLabel: 'a', edges: {} } }] },
  });
  const edges = { upstreamLabel: 'a', downstreamLabel: 'b' };
  await expectSame(RECORD, {
    input: { events: [...starts, { nodeCompleted: { runId: 'r', nodeLabel: 'a', edges } }] },
  });
  await expectSame(BOTH, {
    runIds: starts.map((_, node) => `run ${node}`),
    filter: { dagNsref: { in: Array(2_000).fill('a') } },
  });
});

test('What is wrong in long lists is told with the standard’s words', async () => {
  for (const event of wrong) {
    await expectSame(RECORD, { input: { events: [...starts, event, ...starts] } });
    await expectSame(RECORD, { input: { events: [...starts, event], other: 1 } });
  }
  await expectSame(RECORD, { input: { events: wrong.flatMap((event) => [...starts, event, event]) } });
  await expectSame(RECORD, { input: { events: Array.from({ length: 200 }, () => wrong).flat() } });
  await expectSame(RECORD, { input: { events: [...starts, ...Array(60).fill(null), ...starts] }, unknown: 1 });
  await expectSame(BOTH, { runIds: [...starts, 'a'] });
  await expectSame(BOTH, {
    runIds: [null, ...Array(2_000).fill('a')],
    filter: { dagNsref: { in: Array(2_000).fill(1) } },
  });
});

test('Long lists where none belongs are refused with the standard’s words', async () => {
  const list = Array(2_000).fill('x');
  for (const input of [list, { events: { runCreated: list } }, { events: [], other: list }])
    await expectSame(RECORD, { input });
});

test('Others have their turn while long lists are taken in', async () => {
  let turns = 0;
  const count = (): void => {
    turns++;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  const events = Array.from({ length: 50_000 }, (_, node) => start(node));
  await validatedArgsInTurns({ schema, document: parse(RECORD), variableValues: { input: { events } } }, new Turns());
  clearImmediate(timer);
  expect(turns).toBeGreaterThan(0);
});

test('Lists inside of lists do not count', () => {
  expect(hasLongList({ input: { events: [Array(2_000).fill('x')] } })).toBe(false);
});
