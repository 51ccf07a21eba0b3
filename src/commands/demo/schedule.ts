/** When the demo's pipeline runs: a few times in the past, then again and again. */
import { createRecorder } from '../../client/recorder.ts';
import { Fault, RecordingRefused } from '../../errors.ts';
import type { EventSink } from '../../model.ts';
import { now } from '../../time.ts';
import { Clock, type ClockOptions } from './clock.ts';
import { Execution, type RunRequest } from './execution.ts';
import { nightlyOrders, PIPELINE, type Trouble } from './pipeline.ts';

interface Night extends Trouble, Pick<RunRequest, 'initiatedBy' | 'reused'> {
  /** Seconds after which a run that failed or paused goes on; it stays so if absent. */
  readonly restartAfter?: number;
}

/** Records what is to be seen at once: runs that completed, paused, failed and were replayed, failed and were restarted. */
export async function recordPast(sink: EventSink, signal: AbortSignal): Promise<void> {
  const at = (hoursAgo: number): ClockOptions => ({ startsAt: now() - hoursAgo * 3600, speed: 60, signal });
  const replayedNight = async () => {
    const failed = await run(sink, at(6), { failsIn: 'apac', initiatedBy: 'scheduler' });
    await run(sink, at(5.5), { reused: failed.outputs, initiatedBy: 'maria' });
  };
  await Promise.all([
    run(sink, at(50), { initiatedBy: 'scheduler' }),
    run(sink, at(26), { failsIn: 'emea', restartAfter: 30, initiatedBy: 'scheduler' }),
    replayedNight(),
    run(sink, at(2), { needsApproval: true, initiatedBy: 'scheduler' }),
  ]);
}

/** The next run starts before the last one ends, so that there is always one to look at. */
const EVERY_S = 9;

/** Runs the pipeline until the signal is aborted, each time more slowly: what is recorded grows ever less. */
export async function keepRunning(sink: EventSink, signal: AbortSignal): Promise<void> {
  const broken = new AbortController();
  const stop = AbortSignal.any([signal, broken.signal]);
  const running = new Set<Promise<unknown>>();
  for (let count = 0; !stop.aborted; count++) {
    const time = { stretch: 1.5 + count / 25, signal: stop };
    const night = run(sink, time, troubleOf(count)).catch((error: unknown) => broken.abort(error));
    running.add(night);
    void night.finally(() => running.delete(night));
    await new Clock(time).sleep(EVERY_S).catch(() => {});
  }
  await Promise.all(running);
  broken.signal.throwIfAborted();
}

function troubleOf(count: number): Night {
  if (count % 3 === 1) return { failsIn: 'apac', restartAfter: 5, initiatedBy: 'scheduler' };
  if (count % 4 === 3) return { needsApproval: true, restartAfter: 8, initiatedBy: 'scheduler' };
  return { initiatedBy: 'scheduler' };
}

/** One run of the pipeline, restarted if that is planned. Rejects only if it cannot be recorded. */
async function run(sink: EventSink, time: ClockOptions, night: Night): Promise<Execution> {
  const clock = new Clock(time);
  const { restartAfter, failsIn, needsApproval, ...request } = night;
  const execution = new Execution(
    { recorder: createRecorder(sink), clock },
    { dag: nightlyOrders(night), nsref: PIPELINE, input: { shop: 'north' }, ...request },
  );
  try {
    await execution.start().catch(async (error: unknown) => {
      if (restartAfter === undefined || isFault(error)) throw error;
      await clock.sleep(restartAfter);
      await execution.restart();
    });
  } catch (error) {
    if (isFault(error)) throw error;
  }
  return execution;
}

/** Whether it is the recording that went wrong, not what is recorded. */
function isFault(error: unknown): boolean {
  return error instanceof Fault || error instanceof RecordingRefused;
}
