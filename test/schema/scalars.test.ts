import { describe, expect, it } from 'vitest';
import { created } from '../support/events.ts';
import { openApi } from './harness.ts';

const AFTER = 'query ($time: DateTime) { dagRuns(filter: { startedAfter: $time }) { nodes { runId } } }';

describe('a DateTime', () => {
  it('comes out as it went in: in UTC, with microseconds', async () => {
    await using api = await openApi();
    const { data } = await api.ask(`mutation {
      createRun(input: { runId: "run", dagNsref: "d", at: "2026-11-22T02:26:19.6449671+02:00" }) { run { startedAt } }
    }`);
    expect(data).toEqual({ createRun: { run: { startedAt: '2026-11-22T00:26:19.644967Z' } } });
  });

  it.each([
    'yesterday',
    '',
    '2026-11-22',
    '2026-11-22T00:26:19',
    '2026-02-30T00:00:00Z',
    '2026-11-22T25:00:00Z',
    '1700000000',
    1_700_000_000,
    true,
  ])('is refused if it is %j, in a variable or in the query', async (time) => {
    await using api = await openApi([created('run')]);
    const variable = await api.ask(AFTER, { variables: { time } });
    const literal = await api.ask(`{ dagRuns(filter: { startedAfter: ${JSON.stringify(time)} }) { nodes { runId } } }`);
    for (const { codes, messages, calls } of [variable, literal]) {
      expect(codes).toEqual(['BAD_REQUEST']);
      expect(messages[0]).toContain(
        `Expected a time in RFC 3339 with an offset, such as 2026-11-22T00:26:19Z, but got ${JSON.stringify(time)}`,
      );
      expect(calls).toEqual([]);
    }
  });
});
