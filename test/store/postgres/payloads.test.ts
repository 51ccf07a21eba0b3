import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { completed, created, started } from '../../support/events.ts';
import { newDatabase, type TestDatabase } from '../../support/postgres.ts';

let database: TestDatabase;
let store: Store;
const statements: string[] = [];
beforeAll(async () => {
  database = await newDatabase();
  ({ store } = await openPostgresStore(database.url, { onStatement: (sql) => statements.push(sql) }));
  await store.record([created('r')]);
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

const random = (bytes: number): string => JSON.stringify(randomBytes(bytes).toString('base64'));

test.each([
  ['small', '{"a": 1}'],
  ['of a size at which compressing begins', JSON.stringify('x'.repeat(1_022))],
  ['that compresses well', JSON.stringify(Array.from({ length: 20_000 }, () => ({ status: 'completed' })))],
  ['that does not compress', random(300_000)],
  ['large', JSON.stringify('é🂱'.repeat(1_000_000))],
  ['with NUL written out', JSON.stringify('\0\u0001')],
])('A payload %s comes back as it was, with its size', async (label, json) => {
  await store.record([started('r', label, { inputJson: json }), completed('r', label, { outputJson: json })]);
  const key = { runId: 'r', nodeLabel: label };
  expect(await store.nodePayloads([key])).toEqual([{ ...key, inputJson: json, outputJson: json }]);
  const size = Buffer.byteLength(json);
  expect(await store.nodePayloadSizes([key])).toEqual([{ ...key, inputBytes: size, outputBytes: size }]);
});

test('Payloads that are more than is sent at once come back, each in its place', async () => {
  const texts = Array.from({ length: 12 }, () => random(2_000_000));
  const events = texts.map((inputJson, i) => started('r', `many ${i}`, { inputJson }));
  expect(await store.record(events)).toMatchObject({ ok: true });
  for (const [i, inputJson] of texts.entries()) {
    expect((await store.nodePayloads([{ runId: 'r', nodeLabel: `many ${i}` }]))[0]?.inputJson === inputJson).toBe(true);
  }
});

test('What compresses takes less room', async () => {
  const json = JSON.stringify('x'.repeat(100_000));
  await store.record([started('r', 'room', { inputJson: json })]);
  const [row] = await database.query<{ kept: number }>(
    "SELECT octet_length(input) AS kept FROM node_payloads WHERE node_label = 'room'",
  );
  expect(row?.kept).toBeLessThan(1_000);
});

test('Sizes are told without a look at the payloads', async () => {
  statements.length = 0;
  await store.runPayloadSizes(['r']);
  await store.nodePayloadSizes([{ runId: 'r', nodeLabel: 'small' }]);
  expect(statements.filter((sql) => sql.includes('_payloads'))).toHaveLength(2);
  for (const sql of statements) expect(sql).not.toMatch(/p\.(input|output)\b/);
});
