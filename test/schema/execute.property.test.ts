import fc from 'fast-check';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute as executeAsStandard,
  parse,
  validate,
  validateExecutionArgs,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { createContext } from '../../src/schema/context.ts';
import { answerByLevels } from '../../src/schema/execute/levels.ts';
import { execute } from '../../src/schema/execute.ts';
import { toGraphQLError } from '../../src/schema/graphqlError.ts';
import { schema } from '../../src/schema/index.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/schema/limits.ts';
import type { Store } from '../../src/store/store.ts';
import { type Api, openApi, openAttachedApi } from './harness.ts';
import { type Draw, type RandomQuery, randomQuery } from './randomQuery.ts';
import { randomRuns } from './randomRuns.ts';

const QUERIES = 30;
const STORES = 4;

/** Runs without a parent or a name that fits, parts of runs that are gone, statuses that nobody knows. */
const ODDITIES = `
  UPDATE dag_runs SET status = 'QUEUED' WHERE run_id = 'r1';
  UPDATE node_executions SET status = 'lost', started_at = NULL WHERE run_id = 'r2';
  DELETE FROM dag_runs WHERE run_id = 'r3'`;

describe('any query is answered as the standard executor answers it', () => {
  it('over a file of its own', () => checkAnswers(openApi));
  it('over a file of lythonic that holds odd rows', () => checkAnswers((events) => openAttachedApi(events, ODDITIES)));
  it('over a store that answers later', () => checkAnswers(openApi, { storeOf: later }));
  it('within limits that not all of them keep', () =>
    checkAnswers(openApi, { limits: { maxRows: 12, maxReadBytes: 30, maxDepth: 8, maxComplexity: 400 } }));
});

interface Circumstances {
  readonly storeOf?: (store: Store) => Store;
  readonly limits?: Partial<Limits>;
}

async function checkAnswers(
  open: (events: Parameters<typeof openApi>[0] & {}) => Promise<Api>,
  { storeOf = (store) => store, limits }: Circumstances = {},
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.noShrink(fc.integer()), async (seed) => {
      const draw = drawFrom(seed);
      await using api = await open(randomRuns(draw));
      const store = storeOf(api.store);
      const contextOf = () => createContext({ store, version: '1', limits: { ...DEFAULT_LIMITS, ...limits } });
      for (let count = 0; count < QUERIES; count++) {
        const query = randomQuery(draw);
        const answered = await checkAnswer(query, contextOf);
        if (answered && !limits) await checkLevels(query, answered, contextOf());
      }
    }),
    { numRuns: STORES },
  );
}

/** Gives the answer, if it has no errors. The document is asked again and again, as what is known of it from before must not show. */
async function checkAnswer(
  { query, variables }: RandomQuery,
  contextOf: () => object,
): Promise<ExecutionResult | undefined> {
  const document = parse(query);
  // A few give two things the same name.
  if (validate(schema, document).length > 0) return undefined;
  await checkDocument({ query, document, variables: turned(variables) }, contextOf);
  await checkDocument({ query, document, variables }, contextOf);
  return checkDocument({ query, document, variables }, contextOf);
}

/** With its flags the other way. */
function turned(variables: RandomQuery['variables']): RandomQuery['variables'] {
  const entries = Object.entries(variables);
  return Object.fromEntries(entries.map(([name, value]) => [name, typeof value === 'boolean' ? !value : value]));
}

async function checkDocument(
  { query, document, variables }: RandomQuery & { readonly document: DocumentNode },
  contextOf: () => object,
): Promise<ExecutionResult | undefined> {
  const argsOf = (): ExecutionArgs => ({ schema, document, variableValues: variables, contextValue: contextOf() });
  const standard = await executeAsStandard(argsOf());
  const answer = await execute(argsOf());
  // Which of many reads is the one too many depends on chance.
  if (isLimited(standard)) expect(isLimited(answer), query).toBe(true);
  else expect(textOf(answer), query).toBe(textOf(standard));
  return standard.errors ? undefined : standard;
}

/** What has no errors is not left to the standard executor. */
async function checkLevels({ query, variables }: RandomQuery, { data }: ExecutionResult, contextValue: object) {
  const args = validateExecutionArgs({ schema, document: parse(query), variableValues: variables, contextValue });
  if (!('schema' in args)) throw new TypeError('expected arguments without errors');
  expect(JSON.stringify(await answerByLevels(args)), query).toBe(JSON.stringify(data));
}

/** The same numbers for the same seed, in no order. */
function drawFrom(seed: number): Draw {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), state | 1);
    const again = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((again ^ (again >>> 14)) >>> 0) % below;
  };
}

function isLimited({ errors = [] }: ExecutionResult): boolean {
  return errors.some((error) => toGraphQLError(error)?.extensions.code === 'LIMIT_EXCEEDED');
}

/** All that clients can see of it, in its order. */
function textOf({ data, errors = [] }: ExecutionResult): string {
  return JSON.stringify({ data, errors: errors.map((error) => toGraphQLError(error) ?? error) }, null, 1);
}

/** The same store, whose reads are promises that come sooner or later. */
function later(store: Store): Store {
  let turns = 0;
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        turns = (turns + 1) % 4;
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
        return Reflect.apply(member, target, args);
      };
    },
  });
}
