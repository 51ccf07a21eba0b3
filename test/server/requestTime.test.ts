import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { overriding, serveForTest } from './harness.ts';

const waiting = (store: Store) => overriding(store, { runPage: () => new Promise(() => {}) });

describe('The longest time that a request may take', () => {
  it('is kept to while the store is silent', async () => {
    await using harness = await serveForTest({ config: { requestTimeoutMs: 500 }, wrap: waiting });
    const answer = await harness.ask({ query: '{ dagRuns { nodes { runId } } }' });
    expect(answer).toMatchObject({ status: 503, codes: ['LIMIT_EXCEEDED'] });
    expect(answer.messages[0]).toContain('took longer than 500 ms');
    expect(await harness.ask({ query: '{ __typename }' })).toMatchObject({ status: 200 });
  });
});
