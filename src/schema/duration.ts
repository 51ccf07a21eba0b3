import { now, toMicros } from '../time.ts';

/** Milliseconds between two times, to the microsecond; to now where there is no end. Never negative, since clocks are set back. */
export function durationMs(startedAt: number, finishedAt: number | null): number {
  return Math.max(0, toMicros(finishedAt ?? now()) - toMicros(startedAt)) / 1000;
}
