import { expect, test } from 'vitest';
import { type Connection, Retry } from '../../../src/client/follow/retry.ts';
import { ConnectionLost, NotTheApi } from '../../../src/client/http.ts';
import { Fault } from '../../../src/errors.ts';

/** One that never really waits, since nobody wants what it waits for. */
function impatient(told: Connection[] = []): Retry {
  return new Retry({ onConnection: (connection) => told.push(connection) }, AbortSignal.abort());
}

function waits(told: readonly Connection[]): number[] {
  return told.flatMap((connection) => (connection.state === 'lost' ? [connection.retryInMs] : []));
}

test('the waits grow, differ, and end at ten seconds', async () => {
  const first: number[] = [];
  const hundredth: number[] = [];
  for (let client = 0; client < 200; client++) {
    const told: Connection[] = [];
    const retry = impatient(told);
    for (let failure = 0; failure < 100; failure++) await retry.failed(new ConnectionLost('gone'));
    first.push(waits(told).at(0) ?? 0);
    hundredth.push(waits(told).at(-1) ?? 0);
  }
  expect(Math.max(...first)).toBeLessThanOrEqual(400);
  expect(Math.max(...hundredth)).toBeLessThanOrEqual(10_000);
  expect(Math.max(...hundredth)).toBeGreaterThan(8_000);
  expect(Math.min(...hundredth)).toBeLessThan(2_000);
  expect(new Set(hundredth).size).toBe(200);
});

test('after a success the waits begin anew', async () => {
  const told: Connection[] = [];
  const retry = impatient(told);
  for (let round = 0; round < 200; round++) {
    await retry.failed(new ConnectionLost('gone'));
    retry.connected();
    retry.succeeded();
  }
  expect(Math.max(...waits(told))).toBeLessThanOrEqual(400);
});

test('a connection alone is no success: whoever is turned away each time comes ever more rarely', async () => {
  const told: Connection[] = [];
  const retry = impatient(told);
  for (let round = 0; round < 200; round++) {
    retry.connected();
    await retry.failed(new Fault('STORE_BUSY', 'later'));
  }
  expect(Math.max(...waits(told))).toBeGreaterThan(8_000);
});

test.each([
  new Fault('STORE_BUSY', 'later'),
  new Fault('LIMIT_EXCEEDED', 'too many'),
  new Fault('INTERNAL', 'number 7'),
  new ConnectionLost('gone'),
])('$code $name may heal', async (error) => {
  await expect(impatient().failed(error)).resolves.toBeUndefined();
});

test.each([
  new Fault('UNAUTHENTICATED', 'token'),
  new Fault('FORBIDDEN', 'name'),
  new Fault('BAD_REQUEST', 'no such run'),
  new RangeError('a mistake of this program'),
])('$code $name does not heal', async (error) => {
  await expect(impatient().failed(error)).rejects.toBe(error);
});

test('an address without the API is a mistake, but not where the API was before', async () => {
  const retry = impatient();
  const error = new NotTheApi('http://x answered 200 with text/html');
  await expect(retry.failed(error)).rejects.toMatchObject({ code: 'BAD_REQUEST', message: error.message });
  retry.succeeded();
  await expect(retry.failed(error)).resolves.toBeUndefined();
});
