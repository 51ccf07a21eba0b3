import { parseTime } from '../../time.ts';

interface Timed {
  readonly status: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** Milliseconds from its start to its end, to now while it runs; null where one of them is not known. */
export function elapsedMs({ status, startedAt, finishedAt }: Timed, now: number): number | null {
  const start = startedAt === null ? null : parseTime(startedAt);
  // A run that was restarted may show the end before that.
  const end = status === 'RUNNING' ? now : finishedAt === null ? null : parseTime(finishedAt);
  // The clock of the recorder may be ahead of ours.
  return start === null || end === null ? null : Math.max(end - start, 0) * 1000;
}
