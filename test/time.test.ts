import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstAfter, firstAt, formatTime, now, parseTime, toMicros } from '../src/time.ts';

const FIRST = -62_135_596_800;
const LAST = 253_402_300_800;

const anyTime = fc.double({ min: FIRST, max: LAST, noNaN: true });
const recentTime = fc.double({ min: 1.6e9, max: 2e9, noNaN: true });
/** Close to where rounding turns: halfway between two microseconds. */
const halfway = fc.tuple(fc.integer({ min: -4e9, max: 4e9 }), fc.nat(999_999)).map(([s, us]) => s + (us + 0.5) / 1e6);
const times = fc.oneof(recentTime, halfway, anyTime, fc.double({ min: -2, max: 2, noNaN: true }));

describe('formatTime', () => {
  it.each([
    [0, '1970-01-01T00:00:00.000000Z'],
    [-0, '1970-01-01T00:00:00.000000Z'],
    [5e-7, '1970-01-01T00:00:00.000000Z'],
    [1.5e-6, '1970-01-01T00:00:00.000002Z'],
    [2.5e-6, '1970-01-01T00:00:00.000002Z'],
    [-5e-7, '1970-01-01T00:00:00.000000Z'],
    [-1.5e-6, '1969-12-31T23:59:59.999998Z'],
    [-1e-20, '1970-01-01T00:00:00.000000Z'],
    [-1.25, '1969-12-31T23:59:58.750000Z'],
    [0.9999995, '1970-01-01T00:00:01.000000Z'],
    [0.9999994999999999, '1970-01-01T00:00:00.999999Z'],
    [1.9999995, '1970-01-01T00:00:01.999999Z'],
    [-0.9999995, '1969-12-31T23:59:59.000000Z'],
    [-1.9999995, '1969-12-31T23:59:58.000001Z'],
    [1795307141.7122257, '2026-11-22T00:25:41.712226Z'],
    [1795307141.9999998, '2026-11-22T00:25:42.000000Z'],
    [1795307141.0000005, '2026-11-22T00:25:41.000000Z'],
    [1795307141.0000014, '2026-11-22T00:25:41.000001Z'],
    [9007199254.740993, '2255-06-05T23:47:34.740993Z'],
    [16725225600.123457, '2500-01-01T00:00:00.123457Z'],
    [-62135596800, '0001-01-01T00:00:00.000000Z'],
    [253402300799.99997, '9999-12-31T23:59:59.999969Z'],
  ])('shows %d as Python does', (seconds, text) => {
    expect(formatTime(seconds)).toBe(text);
  });

  it('shows every time of the recorded files as their writer does', () => {
    const pairs = recordedTimes();
    expect(pairs.length).toBeGreaterThan(5000);
    for (const [seconds, text] of pairs) expect(formatTime(seconds)).toBe(text.replace(/:(\d\d)Z$/, ':$1.000000Z'));
  });

  it('clamps what RFC 3339 cannot say', () => {
    for (const early of [-1e300, FIRST - 1, Number.NEGATIVE_INFINITY, Number.NaN]) {
      expect(formatTime(early)).toBe('0001-01-01T00:00:00.000000Z');
    }
    for (const late of [LAST, 1e300, Number.POSITIVE_INFINITY]) {
      expect(formatTime(late)).toBe('9999-12-31T23:59:59.999999Z');
    }
  });

  it('keeps the order of times', () => {
    fc.assert(
      fc.property(times, times, (one, other) => {
        const [earlier, later] = one < other ? [one, other] : [other, one];
        expect(formatTime(earlier) <= formatTime(later)).toBe(true);
      }),
    );
  });
});

describe('parseTime', () => {
  it.each([
    ['2026-11-22T00:25:41.712226Z', 1795307141.712226],
    ['2026-11-22T00:25:41Z', 1795307141],
    ['2026-11-22t00:25:41z', 1795307141],
    ['2026-11-22 00:25:41Z', 1795307141],
    ['2026-11-22T02:25:41+02:00', 1795307141],
    ['2026-11-21T14:55:41-09:30', 1795307141],
    ['2026-11-22T00:25:41-00:00', 1795307141],
    ['2026-11-22T00:25:41.5Z', 1795307141.5],
    ['2026-11-22T00:25:41.123456789Z', 1795307141.123457],
    ['2026-11-22T00:25:41.9999996Z', 1795307142],
    ['1970-01-01T00:00:00.0000005Z', 0],
    ['1970-01-01T00:00:00.00000050000000000000000000001Z', 1e-6],
    ['1970-01-01T00:00:00.0000015Z', 2e-6],
    ['1970-01-01T00:00:00.0000014999999999999999999999999Z', 1e-6],
    ['1969-12-31T23:59:58.75Z', -1.25],
    ['2024-02-29T00:00:00Z', 1709164800],
    ['0001-01-01T00:00:00Z', FIRST],
    ['9999-12-31T23:59:59Z', LAST - 1],
  ])('reads %s', (text, seconds) => {
    expect(parseTime(text)).toBe(seconds);
  });

  it('takes a leap second for the second after it', () => {
    expect(parseTime('2016-12-31T23:59:60Z')).toBe(parseTime('2017-01-01T00:00:00Z'));
    expect(parseTime('2017-01-01T09:59:60.25+10:00')).toBe(parseTime('2017-01-01T00:00:00.25Z'));
    expect(parseTime('2016-12-31T12:59:60Z')).toBeNull();
    expect(parseTime('2016-12-31T23:59:60+01:00')).toBeNull();
  });

  it.each([
    '',
    'now',
    '1795307141',
    '2026-11-22',
    '2026-11-22T00:25Z',
    '2026-11-22T00:25:41',
    '2026-11-22T00:25:41.Z',
    '2026-11-22T00:25:41,5Z',
    '2026-11-22T00:25:41+0200',
    '2026-11-22T00:25:41+02',
    '2026-11-22T00:25:41+24:00',
    '2026-11-22T00:25:41+02:60',
    '2026-11-22T00:25:41Z ',
    '2026-11-22T00:25:41Z\n',
    ' 2026-11-22T00:25:41Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T00:60:00Z',
    '2026-11-22T00:25:61Z',
    '2026-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '-001-01-01T00:00:00Z',
    '-2026-01-01T00:00:00Z',
    '+002026-01-01T00:00:00Z',
    '12026-01-01T00:00:00Z',
    '0000-12-31T23:59:59Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '9999-12-31T23:59:60Z',
    '２０２６-11-22T00:25:41Z',
  ])('gives null for %j', (text) => {
    expect(parseTime(text)).toBeNull();
  });

  it('reads a fraction of any length', () => {
    expect(parseTime(`1970-01-01T00:00:00.${'0'.repeat(100_000)}Z`)).toBe(0);
    expect(parseTime(`1970-01-01T00:00:00.0000005${'0'.repeat(100_000)}1Z`)).toBe(1e-6);
    expect(parseTime(`1970-01-01T00:00:00.${'0'.repeat(100_000)}`)).toBeNull();
  });

  it('reads what formatTime writes as a time that is shown the same', () => {
    fc.assert(
      fc.property(times, (seconds) => {
        const text = formatTime(seconds);
        expect(formatTime(parseTime(text) ?? Number.NaN)).toBe(text);
      }),
    );
    expect(formatTime(parseTime(formatTime(LAST)) ?? Number.NaN)).toBe(formatTime(LAST));
  });

  it('reads the same time whatever the offset', () => {
    const minutes = fc.integer({ min: -1439, max: 1439 });
    fc.assert(
      fc.property(recentTime, minutes, (seconds, offset) => {
        const local = formatTime(seconds + offset * 60).slice(0, 19);
        const fraction = formatTime(seconds).slice(19, 26);
        const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, '0');
        const zone = `${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`;
        expect(parseTime(`${local}${fraction}${zone}`)).toBe(parseTime(formatTime(seconds)));
      }),
    );
  });
});

describe('firstAfter and firstAt', () => {
  it('are exact bounds of what is shown', () => {
    fc.assert(
      fc.property(times, (seconds) => {
        const shown = formatTime(seconds);
        const at = firstAt(seconds);
        const after = firstAfter(seconds);
        if (Number.isFinite(after)) {
          expect(formatTime(after) > shown).toBe(true);
          expect(formatTime(nextBelow(after))).toBe(shown);
        }
        if (Number.isFinite(at)) {
          expect(formatTime(at)).toBe(shown);
          expect(formatTime(nextBelow(at)) < shown).toBe(true);
        }
      }),
    );
  });

  it('find no bound beyond the first and the last time that can be shown', () => {
    for (const early of [FIRST, -1e300, Number.NEGATIVE_INFINITY]) {
      expect(firstAt(early)).toBe(Number.NEGATIVE_INFINITY);
      expect(firstAfter(early)).toBeGreaterThan(FIRST);
    }
    for (const late of [LAST, 1e300, Number.POSITIVE_INFINITY]) {
      expect(firstAt(late)).toBe(LAST);
      expect(firstAfter(late)).toBe(Number.POSITIVE_INFINITY);
    }
  });
});

describe('toMicros', () => {
  it('counts the microseconds that are shown', () => {
    fc.assert(
      fc.property(fc.double({ min: -9e9, max: 9e9, noNaN: true }), (seconds) => {
        const micros = toMicros(seconds);
        expect(Number.isSafeInteger(micros)).toBe(true);
        expect(formatTime(micros / 1e6)).toBe(formatTime(seconds));
      }),
    );
  });
});

describe('now', () => {
  it('follows the wall clock in whole microseconds', () => {
    const before = Date.now();
    const seconds = now();
    const after = Date.now();
    expect(seconds * 1000).toBeGreaterThan(before - 5);
    expect(seconds * 1000).toBeLessThan(after + 5);
    expect(toMicros(seconds) / 1e6).toBe(seconds);
    expect(parseTime(formatTime(seconds))).toBe(seconds);
  });
});

/** The largest double below a number. */
function nextBelow(value: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value === 0 ? -Number.MIN_VALUE : value);
  if (value === 0) return bits.getFloat64(0);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? -1n : 1n));
  return bits.getFloat64(0);
}

interface Times {
  readonly started_at: number | null;
  readonly finished_at: number | null;
}
interface ShownRun {
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly nodes: Record<string, ShownRun & { edges: { downstream_label: string; traversed_at: string }[] }>;
}
interface Answers {
  readonly get_run: Times | null;
  readonly get_node_executions: (Times & { node_label: string })[];
  readonly get_edge_traversals: { upstream_label: string; downstream_label: string; traversed_at: number }[];
  readonly inspect_run?: ShownRun | null;
}

/** Every time of the fixtures of which both the number and Python's text are known. */
function recordedTimes(): [number, string][] {
  const folder = new URL('./fixtures/lythonic/', import.meta.url);
  const pairs: [number, string][] = [];
  const add = (seconds: number | null | undefined, text: string | null | undefined) => {
    if (typeof seconds === 'number' && typeof text === 'string') pairs.push([seconds, text]);
  };
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.expected.json'))) {
    const expected = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { runs: Record<string, Answers> };
    for (const answers of Object.values(expected.runs)) {
      const shown = answers.inspect_run;
      if (!shown?.nodes || !answers.get_run) continue;
      add(answers.get_run.started_at, shown.started_at);
      add(answers.get_run.finished_at, shown.finished_at);
      for (const node of answers.get_node_executions) {
        add(node.started_at, shown.nodes[node.node_label]?.started_at);
        add(node.finished_at, shown.nodes[node.node_label]?.finished_at);
      }
      for (const edge of answers.get_edge_traversals) {
        const edges = shown.nodes[edge.upstream_label]?.edges;
        const same = edges?.filter((other) => other.downstream_label === edge.downstream_label);
        if (same?.length === 1) add(edge.traversed_at, same[0]?.traversed_at);
      }
    }
  }
  return pairs;
}
