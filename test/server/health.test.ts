import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/errors.ts';
import { overriding, send, serveForTest } from './harness.ts';

describe('/health', () => {
  it('says ok while the store can answer', async () => {
    await using harness = await serveForTest();
    const response = await fetch(`${harness.base}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok' });
  });

  it('needs no token', async () => {
    await using harness = await serveForTest({ config: { token: 'secret' } });
    expect((await fetch(`${harness.base}/health`)).status).toBe(200);
  });

  it('gives the code of a fault and leaves the rest to the log', async () => {
    const fault = new Fault('STORE_CORRUPT', '/secret/place/runs.db: the file is damaged; restore a backup');
    const check = (): never => {
      throw fault;
    };
    await using harness = await serveForTest({ wrap: (store) => overriding(store, { check }) });
    const response = await fetch(`${harness.base}/health`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: 'unavailable', code: 'STORE_CORRUPT' });
    expect(harness.log).toContainEqual(
      expect.objectContaining({ err: expect.objectContaining({ message: fault.message }) }),
    );
  });

  it('takes what is no fault for INTERNAL', async () => {
    const check = (): Promise<void> => Promise.reject(new TypeError('broken'));
    await using harness = await serveForTest({ wrap: (store) => overriding(store, { check }) });
    expect(await (await fetch(`${harness.base}/health`)).json()).toEqual({ status: 'unavailable', code: 'INTERNAL' });
  });

  it('only takes questions', async () => {
    await using harness = await serveForTest();
    expect(await send(harness.port, { method: 'POST', path: '/health' })).toMatchObject({
      status: 405,
      codes: ['BAD_REQUEST'],
    });
  });
});
