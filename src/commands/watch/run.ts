import { type FollowOptions, follow } from '../../client/follow/follow.ts';
import type { FollowedRun } from '../../client/follow/tree.ts';
import { RUN_ENDS } from '../../model.ts';
import { stopSignal } from '../stopSignal.ts';
import { chooseRun } from './chooseRun.ts';
import { LineView } from './lineView.ts';
import { Screen } from './screen.ts';
import { openSource, type Source } from './source.ts';
import { TreeView } from './treeView.ts';
import type { View } from './view.ts';

/** How long nothing must change after the run has ended, in milliseconds: sub-runs may outlive it, or stay as they were for ever. */
const REST_MS = 5_000;

/** What shells know as the end by Ctrl-C. */
const STOPPED = 130;

/** Shows a run until it has ended, and gives the exit code. */
export async function watch(target: string, run: string | undefined, token: string | null): Promise<number> {
  const nobodyReads = new AbortController();
  process.stdout.once('error', () => nobodyReads.abort());
  const signal = AbortSignal.any([stopSignal(), nobodyReads.signal]);
  const source = await openSource(target, token, signal);
  // A file has no connection that would keep the process going.
  const alive = setInterval(() => undefined, 60_000);
  const view: View = process.stdout.isTTY ? new TreeView(new Screen(process.stdout)) : new LineView(process);
  const options: FollowOptions = { signal, onConnection: (connection) => view.connection(connection) };
  try {
    const runId = await chooseRun(source, run, { ...options, signal, onWait: () => view.wait() });
    const end = runId === null ? null : await show(source, runId, view, options);
    if (signal.aborted || end === null) return STOPPED;
    return end === 'COMPLETED' ? 0 : 1;
  } finally {
    view.close();
    clearInterval(alive);
    await source.close();
  }
}

/** Gives the last status of the run; null if there was none. */
async function show(
  source: Source,
  runId: string,
  view: View,
  options: FollowOptions,
): Promise<FollowedRun['status'] | null> {
  const enough = new AbortController();
  const signal = AbortSignal.any([enough.signal, ...(options.signal ? [options.signal] : [])]);
  let status: FollowedRun['status'] | null = null;
  let rest: NodeJS.Timeout | undefined;
  for await (const update of follow(source.subscribe, runId, { ...options, signal })) {
    view.update(update);
    ({ status } = update.tree.run);
    clearTimeout(rest);
    if (ENDS.includes(status)) rest = setTimeout(() => enough.abort(), REST_MS);
  }
  clearTimeout(rest);
  return status;
}

const ENDS: readonly string[] = RUN_ENDS.map((status) => status.toUpperCase());
