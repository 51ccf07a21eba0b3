/**
 * The nouns of the domain, their states, and the events that change them. Imports nothing.
 *
 * Times are seconds since the epoch as doubles, in UTC. Statuses are lower-case words, as they are stored.
 * A noun's `status` is any text, since an attached file may hold words that are not listed here.
 */

export const RUN_STATUSES = ['running', 'paused', 'completed', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** The statuses in which a run has ended. Only a failed one can go on from there, by a restart. */
export const RUN_ENDS = ['completed', 'failed', 'cancelled'] as const satisfies readonly RunStatus[];
export type RunEnd = (typeof RUN_ENDS)[number];

export const NODE_STATUSES = ['pending', 'running', 'completed', 'failed', 'skipped'] as const;
export type NodeStatus = (typeof NODE_STATUSES)[number];

/** The statuses of nodes that a restart does not have to run again. */
export const NODE_DONE = ['completed', 'skipped'] as const satisfies readonly NodeStatus[];

/** One execution of one DAG. */
export interface DagRun {
  readonly runId: string;
  /** Name of the DAG; for a sub-run the parent's, a slash, and the expansion key. */
  readonly dagNsref: string;
  readonly parentRunId: string | null;
  /** The top-most run of its tree; its own id for a root. */
  readonly rootRunId: string;
  readonly status: string;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly initiatedBy: string | null;
}

/** One node of one run: its newest attempt. */
export interface NodeExecution {
  readonly runId: string;
  readonly nodeLabel: string;
  readonly status: string;
  readonly isSource: boolean;
  readonly isSink: boolean;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly error: string | null;
}

/** Data that went from one node of a run to another. */
export interface EdgeTraversal {
  readonly runId: string;
  readonly upstreamLabel: string;
  readonly downstreamLabel: string;
  readonly traversedAt: number;
}

/** What names a node: labels are unique inside a run. */
export interface NodeKey {
  readonly runId: string;
  readonly nodeLabel: string;
}

/** Raw JSON text, as recorded. Null where nothing was. */
export interface IoPayload {
  readonly inputJson: string | null;
  readonly outputJson: string | null;
}

/** An edge inside the event that completes its upstream node. */
export interface Edge {
  readonly upstreamLabel: string;
  readonly downstreamLabel: string;
}

interface Happening {
  readonly runId: string;
  /** When it happened; the recording store's clock if absent. */
  readonly at?: number | null | undefined;
}

export interface RunCreated extends Happening {
  readonly type: 'runCreated';
  readonly dagNsref: string;
  readonly sourceInputsJson: string;
  readonly parentRunId?: string | null | undefined;
  /** Inherited from the parent if absent. */
  readonly initiatedBy?: string | null | undefined;
}

/** A pause, or a restart: the run goes on. */
export interface RunStatusChanged extends Happening {
  readonly type: 'runStatusChanged';
  readonly status: RunStatus;
}

export interface RunFinished extends Happening {
  readonly type: 'runFinished';
  readonly status: RunStatus;
  readonly sinkOutputsJson?: string | null | undefined;
}

export interface NodeStarted extends Happening {
  readonly type: 'nodeStarted';
  readonly nodeLabel: string;
  readonly inputJson?: string | null | undefined;
  readonly isSource?: boolean | undefined;
  readonly isSink?: boolean | undefined;
}

export interface NodeCompleted extends Happening {
  readonly type: 'nodeCompleted';
  readonly nodeLabel: string;
  readonly outputJson?: string | null | undefined;
  /** Edges that the output went along. */
  readonly edges?: readonly Edge[] | undefined;
}

export interface NodeFailed extends Happening {
  readonly type: 'nodeFailed';
  readonly nodeLabel: string;
  readonly error: string;
}

/** A replay took the node's output from an earlier run. */
export interface NodeSkipped extends Happening {
  readonly type: 'nodeSkipped';
  readonly nodeLabel: string;
  readonly outputJson?: string | null | undefined;
}

export interface EdgeTraversed extends Happening, Edge {
  readonly type: 'edgeTraversed';
}

/** Everything that can be recorded. */
export type RunEvent =
  | RunCreated
  | RunStatusChanged
  | RunFinished
  | NodeStarted
  | NodeCompleted
  | NodeFailed
  | NodeSkipped
  | EdgeTraversed;

/** Why an event was not recorded. A closed set: clients switch on it. */
export const REFUSAL_CODES = [
  'RUN_NOT_FOUND',
  'NODE_NOT_FOUND',
  'PARENT_NOT_FOUND',
  'CONFLICT',
  'INVALID_TRANSITION',
  'INVALID_INPUT',
  'INVALID_JSON',
  'PAYLOAD_TOO_LARGE',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

export interface Refusal {
  readonly code: RefusalCode;
  /** Says what is wrong and what to do. */
  readonly message: string;
  /** Place of the event in its batch. */
  readonly event: number;
  /** The field of the event that is at fault, if it is one; with an index for an edge: `edges`, `2`, `upstreamLabel`. */
  readonly path: readonly string[];
}

/** What became of a batch: on disk as a whole, or refused as a whole with nothing written. */
export type Recorded =
  | {
      readonly ok: true;
      /** For each event, whether it changed anything: false if it was recorded before. */
      readonly changed: readonly boolean[];
    }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** Where events go: a store in this process, or a client of one elsewhere. */
export interface EventSink {
  /** Records a batch in one transaction. Resolves once it is on disk; rejects only on a fault of the store. */
  record(events: readonly RunEvent[]): Promise<Recorded>;
}
