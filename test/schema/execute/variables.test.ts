import fc from 'fast-check';
import { type ExecutionArgs, parse, validateExecutionArgs } from 'graphql';
import { expect, test } from 'vitest';
import { validatedArgs } from '../../../src/schema/execute/variables.ts';
import { schema } from '../../../src/schema/index.ts';

const RECORD = 'mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded } }';
const START = `mutation ($runId: ID!, $at: DateTime, $isSink: Boolean) {
  recordNodeStart(input: { runId: $runId, nodeLabel: "a", at: $at, isSink: $isSink }) { changed }
}`;
const LIST = `query ($filter: DagRunFilter, $first: Int = 10, $with: Boolean!) {
  dagRuns(filter: $filter, first: $first) { nodes { runId nodes @include(if: $with) { nodeLabel } } }
}`;

/** What runs: variables as their types have them, or what is wrong with them. */
function told(validate: typeof validateExecutionArgs, args: ExecutionArgs): unknown {
  const validated = validate(args);
  if (!('schema' in validated)) return validated.map((error) => error.toJSON());
  const { operation, document, variableValues, rawVariableValues } = validated;
  return { operation, document, variableValues, rawVariableValues };
}

function expectSame(query: string, variableValues: Record<string, unknown> | null): void {
  const args = { schema, document: parse(query), variableValues };
  expect(told(validatedArgs, args)).toEqual(told(validateExecutionArgs, args));
}

const anything = fc.oneof(
  { withCrossShrink: true },
  fc.constantFrom(null, undefined, true, 'x', '', 7, 1.5, [], {}, ['x'], '2026-11-22T00:26:19Z', 'RUNNING', 'NONE'),
  fc.jsonValue(),
);
/** Mostly as it should be. */
const mostly = (value: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: anything });
const objectOf = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  mostly(
    fc.record(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, mostly(value)])), {
      requiredKeys: [],
    }),
  );
const text = fc.string();
const at = fc.constantFrom('2026-11-22T00:26:19Z', '2026-11-22T00:26:19.5+01:00', 'yesterday');
const edge = objectOf({ upstreamLabel: text, downstreamLabel: text });
const event = objectOf({
  runCreated: objectOf({ runId: text, dagNsref: text, sourceInputsJson: text, parentRunId: text, at }),
  runFinished: objectOf({ runId: text, status: fc.constantFrom('COMPLETED', 'UNKNOWN', 'done'), at }),
  nodeStarted: objectOf({ runId: text, nodeLabel: text, inputJson: text, isSource: fc.boolean(), at, other: text }),
  nodeCompleted: objectOf({ runId: text, nodeLabel: text, edges: fc.array(edge, { maxLength: 2 }) }),
});
const one = fc.oneof(
  event,
  fc.record({ runId: text, nodeLabel: text, at }).map((nodeStarted) => ({ nodeStarted })),
  fc.record({ runId: text, nodeLabel: text, edges: edge }).map((nodeCompleted) => ({ nodeCompleted })),
);
const words = fc.constantFrom('a', 'b');
const filter = objectOf({
  statuses: mostly(fc.array(fc.constantFrom('RUNNING', 'FAILED', 'NONE'))),
  dagNsref: objectOf({ eq: words, in: fc.array(words), startsWith: words }),
  includeSubRuns: fc.boolean(),
  parentRunId: words,
});

test('Variables are taken for what the standard takes them for, or refused with its words', () => {
  fc.assert(
    fc.property(objectOf({ events: fc.array(one, { maxLength: 3 }) }), (input) => expectSame(RECORD, { input })),
  );
  fc.assert(fc.property(text, at, anything, (runId, time, isSink) => expectSame(START, { runId, at: time, isSink })));
  fc.assert(
    fc.property(filter, mostly(fc.boolean()), anything, (runs, flag, first) =>
      expectSame(LIST, { filter: runs, with: flag, first }),
    ),
  );
});

test('Defaults are filled in, of fields and of variables', () => {
  expectSame(RECORD, {
    input: { events: [{ runCreated: { runId: 'r', dagNsref: 'd' } }, { nodeStarted: { runId: 'r', nodeLabel: 'a' } }] },
  });
  expectSame(LIST, { with: true });
});

test('What is left out or not there stays as it is', () => {
  for (const variables of [{}, null, { input: undefined }, { other: 1 }]) expectSame(RECORD, variables);
  expectSame(START, { runId: 'r' });
  expectSame('query One { dagRun(runId: "r") { runId } }', { other: 1 });
});
