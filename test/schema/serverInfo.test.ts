import { expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/schema/limits.ts';
import { created } from '../support/events.ts';
import { openApi, openAttachedApi } from './harness.ts';

const SERVER = `{
  server { version backend location writable live limits { maxDepth maxComplexity maxRows maxReadBytes maxPageSize requestTimeoutMs } }
}`;

it('says what the server is, what it can do and what its limits are', async () => {
  await using api = await openApi();
  const { data } = await api.ask(SERVER, { limits: { maxRows: 77 } });
  expect(data).toEqual({
    server: {
      version: '1.2.3',
      backend: 'sqlite',
      location: api.store.location,
      writable: true,
      live: true,
      limits: { ...DEFAULT_LIMITS, maxRows: 77 },
    },
  });
});

it('says of an attached file that it is only read', async () => {
  await using api = await openAttachedApi([created('run')]);
  const { data } = await api.ask('{ server { backend writable } }');
  expect(data).toEqual({ server: { backend: 'lythonic', writable: false } });
});
