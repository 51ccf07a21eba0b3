import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, NESTED_RUN, serveForTest } from '../server/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serveForTest();
  await harness.store.record(NESTED_RUN);
});
afterEach(async () => {
  expect(await harness.ask({ query: '{ __typename }' })).toMatchObject({ status: 200, codes: [] });
});
afterAll(() => harness[Symbol.asyncDispose]());

async function expectRefused(query: string, code: string): Promise<void> {
  const answer = await harness.ask({ query }, { accept: 'application/graphql-response+json' });
  expect(new Set(answer.codes)).toEqual(new Set([code]));
  expect(answer.data ?? null).toBeNull();
}

function nested(levels: number, deepest = 'runId'): string {
  return `{ dagRuns { nodes ${'{ parent '.repeat(levels)}{ ${deepest} }${' }'.repeat(levels)} } }`;
}

describe('A document is refused', () => {
  it('when its fields nest deeper than allowed', async () => {
    expect(await harness.ask({ query: nested(20) })).toMatchObject({ status: 200, codes: [] });
    await expectRefused(nested(30), 'LIMIT_EXCEEDED');
  });

  it('when they nest deeper than allowed behind fragments', async () => {
    const fragments = Array.from({ length: 30 }, (_, i) => `fragment F${i} on DagRun { parent { ...F${i + 1} } }`);
    await expectRefused(
      `{ dagRuns { nodes { ...F0 } } } ${fragments.join(' ')} fragment F30 on DagRun { runId }`,
      'LIMIT_EXCEEDED',
    );
  });

  it.each([
    ['fields', '', '{a'],
    ['fragments', '', '{...'],
    ['lists', '{a(b:', '['],
    ['objects', '{a(b:', '{b:'],
    ['types of lists', 'query($a:', '['],
  ])('when it nests so many %s that the parser overflows', async (_what, start, piece) => {
    await using generous = await serveForTest({ config: { maxTokens: 100_000 } });
    const answer = await generous.ask({ query: start + piece.repeat(30_000) });
    expect(answer.codes).toEqual(['LIMIT_EXCEEDED']);
    expect(answer.messages[0]).toContain('nests too deep');
    expect(await generous.ask({ query: '{ __typename }' })).toMatchObject({ status: 200 });
  });

  it('when it is well formed but nests too deep to look at', async () => {
    await using generous = await serveForTest({ config: { maxTokens: 100_000 } });
    const answer = await generous.ask({ query: nested(10_000) });
    expect(answer.codes).toEqual(['LIMIT_EXCEEDED']);
    expect(await generous.ask({ query: '{ __typename }' })).toMatchObject({ status: 200 });
  });

  it.each([
    ['itself', 'fragment A on DagRun { parent { ...A } }'],
    ['each other', 'fragment A on DagRun { parent { ...B } } fragment B on DagRun { root { ...A } }'],
    ['themselves at once', 'fragment A on DagRun { ...A }'],
  ])('when fragments contain %s', async (_what, fragments) => {
    await expectRefused(`{ dagRuns { nodes { ...A } } } ${fragments}`, 'BAD_REQUEST');
  });

  it('when aliases repeat a cheap field a thousand times', async () => {
    const aliases = Array.from({ length: 1000 }, (_, i) => `a${i}: dagRuns { nodes { runId } }`);
    await expectRefused(`{ ${aliases.join(' ')} }`, 'LIMIT_EXCEEDED');
  });

  it('when aliases repeat the introspection', async () => {
    const aliases = Array.from({ length: 400 }, (_, i) => `a${i}: __schema { types { fields { type { name } } } }`);
    await expectRefused(`{ ${aliases.join(' ')} }`, 'LIMIT_EXCEEDED');
  });

  it('when fragments double each other', async () => {
    const fragments = Array.from(
      { length: 20 },
      (_, i) => `fragment F${i} on DagRun { a: parent { ...F${i + 1} } b: parent { ...F${i + 1} } }`,
    );
    await expectRefused(
      `{ dagRuns { nodes { ...F0 } } } ${fragments.join(' ')} fragment F20 on DagRun { runId }`,
      'LIMIT_EXCEEDED',
    );
  });

  it('when it has more tokens than allowed', async () => {
    await expectRefused(`{ ${'__typename '.repeat(5_000)} }`, 'LIMIT_EXCEEDED');
    await expectRefused(`{ __typename ${'@skip(if: false) '.repeat(1_000)} }`, 'LIMIT_EXCEEDED');
    await expectRefused(`{ __typename(a: ${'['.repeat(1_000_000)}`, 'LIMIT_EXCEEDED');
  });

  it('when it says the same field so often that to compare them takes long', async () => {
    await expectRefused(`{ ${'__typename '.repeat(4_990)} }`, 'LIMIT_EXCEEDED');
    await expectRefused(`{ dagRuns { nodes { ${'... on DagRun { runId } '.repeat(800)} } } }`, 'LIMIT_EXCEEDED');
    await expectRefused(`{ ${'dagRuns { nodes { runId } } '.repeat(700)} }`, 'LIMIT_EXCEEDED');
  });

  it('when it has four thousand unknown fields, with a bounded list of errors', async () => {
    const answer = await harness.ask({ query: `{ ${Array.from({ length: 4_000 }, (_, i) => `x${i}`).join(' ')} }` });
    expect(new Set(answer.codes)).toEqual(new Set(['BAD_REQUEST']));
    expect(answer.codes.length).toBeLessThan(150);
  });

  it('when one page is larger than allowed', async () => {
    await expectRefused('{ dagRuns(first: 1001) { nodes { runId } } }', 'BAD_REQUEST');
    await expectRefused('{ dagRuns(first: 2147483648) { nodes { runId } } }', 'BAD_REQUEST');
  });
});

describe('A document is answered', () => {
  it('when most of its 20 MB are comments and blanks', async () => {
    const query = `{ __typename }\n#${'x'.repeat(10_000_000)}\n${' '.repeat(10_000_000)}`;
    expect(await harness.ask({ query })).toMatchObject({ status: 200, data: { __typename: 'Query' } });
  });

  it('when it says the same field hundreds of times', async () => {
    const answer = await harness.ask({ query: `{ ${'__typename '.repeat(400)} }` });
    expect(answer).toMatchObject({ status: 200, data: { __typename: 'Query' } });
  });

  it('without being kept when it is large', async () => {
    // A thousand of these would be ten gigabytes in a cache of documents.
    for (let i = 0; i < 20; i++) {
      const query = `{ __typename }\n#${i}${'x'.repeat(10_000_000)}`;
      expect(await harness.ask({ query })).toMatchObject({ status: 200 });
    }
  });
});
