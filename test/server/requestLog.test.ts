import { describe, expect, it } from 'vitest';
import { type Harness, send, serveForTest } from './harness.ts';

async function requestLines(harness: Harness): Promise<unknown[]> {
  // A line is written when the connection is done with the answer, which is after the client has it.
  await harness.server.close();
  return harness.log.filter((line) => line.msg === 'request');
}

describe('The log has a line for each request', () => {
  it('with what was asked and how it went', async () => {
    await using harness = await serveForTest();
    await harness.ask({ query: 'query Hello { __typename }' });
    expect(await requestLines(harness)).toMatchObject([
      { level: 30, method: 'POST', path: '/graphql', status: 200, ms: expect.any(Number), operation: 'Hello' },
    ]);
  });

  it('with the codes of all errors', async () => {
    await using harness = await serveForTest();
    await harness.ask({ query: '{ a b c }' });
    await send(harness.port, { path: '/nothing' });
    expect(await requestLines(harness)).toMatchObject([
      { status: 200, codes: ['BAD_REQUEST'] },
      { status: 404, path: '/nothing', codes: ['BAD_REQUEST'] },
    ]);
  });

  it('without what the request carried', async () => {
    await using harness = await serveForTest();
    await harness.ask({ query: 'query Q($id: ID!) { dagRun(runId: $id) { runId } }', variables: { id: 'swordfish' } });
    await send(harness.port, { path: '/graphql?query={__typename}&variables={"id":"swordfish"}' });
    expect(await requestLines(harness)).toHaveLength(2);
    expect(JSON.stringify(harness.log)).not.toContain('swordfish');
  });
});
