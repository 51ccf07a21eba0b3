import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/model.ts';
import { type Harness, serveForTest } from '../server/harness.ts';

const NODES = 12_000;

function* wideRun(): Generator<RunEvent> {
  yield { type: 'runCreated', runId: 'wide', dagNsref: 'a:b', sourceInputsJson: '{}' };
  for (let node = 0; node < NODES; node++) {
    yield { type: 'nodeStarted', runId: 'wide', nodeLabel: `node ${node}`, inputJson: '{"some": "input"}' };
  }
}

let harness: Harness;
beforeAll(async () => {
  harness = await serveForTest();
  await harness.store.record([...wideRun()]);
});
afterAll(() => harness[Symbol.asyncDispose]());

describe('A request for very much', () => {
  it.each([
    ['rows', '{ dagRun(runId: "wide") { nodes { id nodeLabel status startedAt durationMs } } }'],
    ['payloads', '{ dagRun(runId: "wide") { nodes { io { inputJson input inputBytes } } } }'],
  ])('of %s is answered whole, after a small one that came later', async (_what, query) => {
    const answered: string[] = [];
    const large = harness.ask({ query }).then((answer) => {
      answered.push('large');
      return answer;
    });
    for (let small = 0; small < 5; small++) {
      expect(await harness.ask({ query: '{ __typename }' })).toMatchObject({ status: 200 });
      answered.push('small');
    }
    expect(answered[0]).toBe('small');
    expect(await large).toMatchObject({ status: 200, codes: [], data: { dagRun: { nodes: { length: NODES } } } });
  });
});
