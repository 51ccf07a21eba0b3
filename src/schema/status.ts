import { NODE_STATUSES, type NodeStatus, RUN_STATUSES, type RunStatus } from '../model.ts';
import { builder } from './builder.ts';

/** Stands for every stored word that is not one of ours. */
export const UNKNOWN = 'unknown';
export type Unknown = typeof UNKNOWN;

export const DagRunStatusRef = builder.enumType('DagRunStatus', {
  description: 'How far a run has come.',
  values: {
    RUNNING: {
      value: 'running',
      description: 'It was started and has not ended; a run whose process was killed stays so.',
    },
    PAUSED: { value: 'paused', description: 'It stopped before its end and can go on.' },
    COMPLETED: { value: 'completed', description: 'It ended as it should.' },
    FAILED: { value: 'failed', description: 'It ended with an error; a restart can go on from there.' },
    CANCELLED: { value: 'cancelled', description: 'It was given up.' },
    UNKNOWN: {
      value: UNKNOWN,
      description: 'The store holds another word, which statusText tells. It cannot be recorded.',
    },
  } satisfies Record<Uppercase<RunStatus | Unknown>, { value: RunStatus | Unknown; description: string }>,
});

export const NodeStatusRef = builder.enumType('NodeStatus', {
  description: 'How far a node of a run has come.',
  values: {
    PENDING: { value: 'pending', description: 'It has not started.' },
    RUNNING: {
      value: 'running',
      description: 'It was started and has not ended; a node whose process was killed stays so.',
    },
    COMPLETED: { value: 'completed', description: 'It ended with an output.' },
    FAILED: { value: 'failed', description: 'It ended with an error.' },
    SKIPPED: { value: 'skipped', description: 'It was not run: a replay took its output from an earlier run.' },
    UNKNOWN: { value: UNKNOWN, description: 'The store holds another word, which statusText tells.' },
  } satisfies Record<Uppercase<NodeStatus | Unknown>, { value: NodeStatus | Unknown; description: string }>,
});

/** The stored word if it is a run's status, else `unknown`. */
export function shownRunStatus(word: string): RunStatus | Unknown {
  return RUN_STATUSES.find((status) => status === word) ?? UNKNOWN;
}

/** The stored word if it is a node's status, else `unknown`. */
export function shownNodeStatus(word: string): NodeStatus | Unknown {
  return NODE_STATUSES.find((status) => status === word) ?? UNKNOWN;
}

/** Wanted statuses as the store's filters take them; nothing if none are given. An empty list wants none of them. */
export function statusFilter<Status extends string>(wanted: readonly (Status | Unknown)[] | null | undefined) {
  if (!wanted) return {};
  return { statuses: wanted.filter((status) => status !== UNKNOWN), unknownStatus: wanted.includes(UNKNOWN) };
}
