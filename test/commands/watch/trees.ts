/** Trees as a client holds them, written down in few words. */
import type { TreeUpdate } from '../../../src/client/follow/follow.ts';
import { News } from '../../../src/client/follow/news.ts';
import { type FollowedNode, type FollowedRun, HeldTree, type TreeChange } from '../../../src/client/follow/tree.ts';
import { formatTime } from '../../../src/time.ts';

/** The second that all times are counted from: 2026-09-20T12:00:00Z. */
export const T = Date.UTC(2026, 8, 20, 12) / 1000;

/** A status, and the seconds of start and end. */
type Brief = readonly [status: FollowedRun['status'] | FollowedNode['status'], start?: number, end?: number];

export function run(runId: string, brief: Brief, more: Partial<FollowedRun> = {}): FollowedRun {
  const { status, ...rest } = stateOf(brief);
  return {
    runId,
    dagNsref: 'etl:daily',
    parentRunId: null,
    status: status as FollowedRun['status'],
    ...rest,
    startedAt: rest.startedAt ?? formatTime(T),
    initiatedBy: null,
    ...more,
  };
}

/** A sub-run of `root`. */
export function part(runId: string, key: string, brief: Brief, parentRunId = 'root', nsref = 'etl:daily'): FollowedRun {
  return run(runId, brief, { parentRunId, dagNsref: `${nsref}/${key}` });
}

export function node(
  runId: string,
  nodeLabel: string,
  brief: Brief,
  error: string | null = null,
): TreeChange['changedNodes'][number] {
  const { status, ...rest } = stateOf(brief);
  return {
    run: { runId },
    nodeLabel,
    status: status as FollowedNode['status'],
    ...rest,
    isSource: false,
    isSink: false,
    error,
  };
}

export interface Content {
  readonly runs?: readonly FollowedRun[];
  readonly nodes?: readonly TreeChange['changedNodes'][number][];
}

/** Trees, and what is told of them. */
export class Teller {
  readonly tree = new HeldTree('root');

  tell({ runs = [], nodes = [] }: Content): TreeUpdate {
    const news = new News();
    this.tree.apply(
      { cursor: '', reset: false, more: false, changedRuns: [...runs], changedNodes: [...nodes], newEdges: [] },
      news,
    );
    return { tree: this.tree, reset: false, changedRuns: [...news.runs], changedNodes: [...news.nodes], newEdges: [] };
  }
}

function stateOf([status, start, end]: Brief) {
  const time = (seconds: number | undefined) => (seconds === undefined ? null : formatTime(T + seconds));
  return { status, statusText: status.toLowerCase(), startedAt: time(start), finishedAt: time(end) };
}
