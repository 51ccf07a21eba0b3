import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, serveForTest } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await serveForTest();
});
afterAll(() => harness[Symbol.asyncDispose]());

describe('GraphQL over HTTP, as the specification has it', () => {
  const audits = serverAudits({ url: () => harness.server.url });

  it('has 61 points', () => expect(audits).toHaveLength(61));

  it.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('%s: %s', async (_id, _name, audit) => {
    expect(await audit.fn()).toMatchObject({ status: 'ok' });
  });
});
