/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** How far a run has come. */
export type DagRunStatus =
  /** It was given up. */
  | 'CANCELLED'
  /** It ended as it should. */
  | 'COMPLETED'
  /** It ended with an error; a restart can go on from there. */
  | 'FAILED'
  /** It stopped before its end and can go on. */
  | 'PAUSED'
  /** It was started and has not ended; a run whose process was killed stays so. */
  | 'RUNNING'
  /** The store holds another word, which statusText tells. It cannot be recorded. */
  | 'UNKNOWN';

/** How far a node of a run has come. */
export type NodeStatus =
  /** It ended with an output. */
  | 'COMPLETED'
  /** It ended with an error. */
  | 'FAILED'
  /** It has not started. */
  | 'PENDING'
  /** It was started and has not ended; a node whose process was killed stays so. */
  | 'RUNNING'
  /** It was not run: a replay took its output from an earlier run. */
  | 'SKIPPED'
  /** The store holds another word, which statusText tells. */
  | 'UNKNOWN';

export type DagRunChangesSubscriptionVariables = Exact<{
  runId: string;
  after?: string | null | undefined;
}>;


export type DagRunChangesSubscription = { dagRunChanges: { cursor: string, reset: boolean, more: boolean, changedRuns: Array<{ runId: string, dagNsref: string, parentRunId: string | null, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, initiatedBy: string | null }>, changedNodes: Array<{ nodeLabel: string, status: NodeStatus, statusText: string, isSource: boolean, isSink: boolean, startedAt: string | null, finishedAt: string | null, error: string | null, run: { runId: string } }>, newEdges: Array<{ upstreamLabel: string, downstreamLabel: string, traversedAt: string, run: { runId: string } }> } };

export type ActiveRunChangesSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type ActiveRunChangesSubscription = { activeRunChanges: { cursor: string, reset: boolean, changedRuns: Array<{ runId: string, status: DagRunStatus, startedAt: string }> } };

export type FollowedRunFragment = { runId: string, dagNsref: string, parentRunId: string | null, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, initiatedBy: string | null };

export type ChangedNodeFragment = { nodeLabel: string, status: NodeStatus, statusText: string, isSource: boolean, isSink: boolean, startedAt: string | null, finishedAt: string | null, error: string | null, run: { runId: string } };

export type NewEdgeFragment = { upstreamLabel: string, downstreamLabel: string, traversedAt: string, run: { runId: string } };

export type RecentRunsQueryVariables = Exact<{
  first: number;
}>;


export type RecentRunsQuery = { dagRuns: { nodes: Array<{ id: string, runId: string, dagNsref: string, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, durationMs: number, initiatedBy: string | null, nodeCounts: { total: number, completed: number, failed: number, skipped: number } }> } };

export type RecentRunIdsQueryVariables = Exact<{
  first: number;
}>;


export type RecentRunIdsQuery = { dagRuns: { nodes: Array<{ runId: string }> } };

export type RunHeaderQueryVariables = Exact<{
  runId: string;
}>;


export type RunHeaderQuery = { dagRun: { id: string, runId: string, dagNsref: string, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, durationMs: number, initiatedBy: string | null } | null };

export type NodesOfRunsQueryVariables = Exact<{
  ids: Array<string> | string;
  width: number;
  folded: boolean;
  withIo: boolean;
}>;


export type NodesOfRunsQuery = { nodes: Array<
    | { runId: string, nodes: Array<{ nodeLabel: string, status: NodeStatus, statusText: string, isSource: boolean, isSink: boolean, startedAt: string | null, finishedAt: string | null, durationMs: number | null, error: string | null, io?: { inputJson: string | null, outputJson: string | null }, subDagCounts: { total: number, running: number, paused: number, completed: number, failed: number, cancelled: number, unknown: number }, subDags: Array<{ key: string, run: { id: string, runId: string, dagNsref: string, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, durationMs: number, initiatedBy: string | null }, earlierRuns: Array<{ id: string, runId: string, dagNsref: string, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, durationMs: number, initiatedBy: string | null }> }>, unfinished?: Array<{ key: string, run: { id: string, runId: string, dagNsref: string, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, durationMs: number, initiatedBy: string | null }, earlierRuns: Array<{ id: string, runId: string, dagNsref: string, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, durationMs: number, initiatedBy: string | null }> }> }> }
    | Record<PropertyKey, never>
   | null> };

export type NodePartsFragment = { nodeLabel: string, status: NodeStatus, statusText: string, isSource: boolean, isSink: boolean, startedAt: string | null, finishedAt: string | null, durationMs: number | null, error: string | null, io?: { inputJson: string | null, outputJson: string | null }, subDagCounts: { total: number, running: number, paused: number, completed: number, failed: number, cancelled: number, unknown: number }, subDags: Array<{ key: string, run: { id: string, runId: string, dagNsref: string, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, durationMs: number, initiatedBy: string | null }, earlierRuns: Array<{ id: string, runId: string, dagNsref: string, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, durationMs: number, initiatedBy: string | null }> }>, unfinished?: Array<{ key: string, run: { id: string, runId: string, dagNsref: string, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, durationMs: number, initiatedBy: string | null }, earlierRuns: Array<{ id: string, runId: string, dagNsref: string, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, durationMs: number, initiatedBy: string | null }> }> };

export type SubDagHeaderFragment = { key: string, run: { id: string, runId: string, dagNsref: string, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, durationMs: number, initiatedBy: string | null }, earlierRuns: Array<{ id: string, runId: string, dagNsref: string, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, durationMs: number, initiatedBy: string | null }> };

export type RunHeaderFragment = { id: string, runId: string, dagNsref: string, status: DagRunStatus, statusText: string, startedAt: string, finishedAt: string | null, durationMs: number, initiatedBy: string | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const FollowedRunFragmentDoc = new TypedDocumentString(`
    fragment FollowedRun on DagRun {
  runId
  dagNsref
  parentRunId
  status
  statusText
  startedAt
  finishedAt
  initiatedBy
}
    `, {"fragmentName":"FollowedRun"}) as unknown as TypedDocumentString<FollowedRunFragment, unknown>;
export const ChangedNodeFragmentDoc = new TypedDocumentString(`
    fragment ChangedNode on NodeExecution {
  run {
    runId
  }
  nodeLabel
  status
  statusText
  isSource
  isSink
  startedAt
  finishedAt
  error
}
    `, {"fragmentName":"ChangedNode"}) as unknown as TypedDocumentString<ChangedNodeFragment, unknown>;
export const NewEdgeFragmentDoc = new TypedDocumentString(`
    fragment NewEdge on EdgeTraversal {
  run {
    runId
  }
  upstreamLabel
  downstreamLabel
  traversedAt
}
    `, {"fragmentName":"NewEdge"}) as unknown as TypedDocumentString<NewEdgeFragment, unknown>;
export const RunHeaderFragmentDoc = new TypedDocumentString(`
    fragment RunHeader on DagRun {
  id
  runId
  dagNsref
  status
  statusText
  startedAt
  finishedAt
  durationMs
  initiatedBy
}
    `, {"fragmentName":"RunHeader"}) as unknown as TypedDocumentString<RunHeaderFragment, unknown>;
export const SubDagHeaderFragmentDoc = new TypedDocumentString(`
    fragment SubDagHeader on SubDag {
  key
  run {
    ...RunHeader
  }
  earlierRuns {
    ...RunHeader
  }
}
    fragment RunHeader on DagRun {
  id
  runId
  dagNsref
  status
  statusText
  startedAt
  finishedAt
  durationMs
  initiatedBy
}`, {"fragmentName":"SubDagHeader"}) as unknown as TypedDocumentString<SubDagHeaderFragment, unknown>;
export const NodePartsFragmentDoc = new TypedDocumentString(`
    fragment NodeParts on NodeExecution {
  nodeLabel
  status
  statusText
  isSource
  isSink
  startedAt
  finishedAt
  durationMs
  error
  io @include(if: $withIo) {
    inputJson
    outputJson
  }
  subDagCounts {
    total
    running
    paused
    completed
    failed
    cancelled
    unknown
  }
  subDags(first: $width) {
    ...SubDagHeader
  }
  unfinished: subDags(
    first: $width
    statuses: [RUNNING, PAUSED, FAILED, CANCELLED, UNKNOWN]
  ) @include(if: $folded) {
    ...SubDagHeader
  }
}
    fragment SubDagHeader on SubDag {
  key
  run {
    ...RunHeader
  }
  earlierRuns {
    ...RunHeader
  }
}
fragment RunHeader on DagRun {
  id
  runId
  dagNsref
  status
  statusText
  startedAt
  finishedAt
  durationMs
  initiatedBy
}`, {"fragmentName":"NodeParts"}) as unknown as TypedDocumentString<NodePartsFragment, unknown>;
export const DagRunChangesDocument = new TypedDocumentString(`
    subscription DagRunChanges($runId: ID!, $after: String) {
  dagRunChanges(runId: $runId, after: $after) {
    cursor
    reset
    more
    changedRuns {
      ...FollowedRun
    }
    changedNodes {
      ...ChangedNode
    }
    newEdges {
      ...NewEdge
    }
  }
}
    fragment FollowedRun on DagRun {
  runId
  dagNsref
  parentRunId
  status
  statusText
  startedAt
  finishedAt
  initiatedBy
}
fragment ChangedNode on NodeExecution {
  run {
    runId
  }
  nodeLabel
  status
  statusText
  isSource
  isSink
  startedAt
  finishedAt
  error
}
fragment NewEdge on EdgeTraversal {
  run {
    runId
  }
  upstreamLabel
  downstreamLabel
  traversedAt
}`) as unknown as TypedDocumentString<DagRunChangesSubscription, DagRunChangesSubscriptionVariables>;
export const ActiveRunChangesDocument = new TypedDocumentString(`
    subscription ActiveRunChanges($after: String) {
  activeRunChanges(after: $after) {
    cursor
    reset
    changedRuns {
      runId
      status
      startedAt
    }
  }
}
    `) as unknown as TypedDocumentString<ActiveRunChangesSubscription, ActiveRunChangesSubscriptionVariables>;
export const RecentRunsDocument = new TypedDocumentString(`
    query RecentRuns($first: Int!) {
  dagRuns(first: $first) {
    nodes {
      ...RunHeader
      nodeCounts {
        total
        completed
        failed
        skipped
      }
    }
  }
}
    fragment RunHeader on DagRun {
  id
  runId
  dagNsref
  status
  statusText
  startedAt
  finishedAt
  durationMs
  initiatedBy
}`) as unknown as TypedDocumentString<RecentRunsQuery, RecentRunsQueryVariables>;
export const RecentRunIdsDocument = new TypedDocumentString(`
    query RecentRunIds($first: Int!) {
  dagRuns(first: $first) {
    nodes {
      runId
    }
  }
}
    `) as unknown as TypedDocumentString<RecentRunIdsQuery, RecentRunIdsQueryVariables>;
export const RunHeaderDocument = new TypedDocumentString(`
    query RunHeader($runId: ID!) {
  dagRun(runId: $runId) {
    ...RunHeader
  }
}
    fragment RunHeader on DagRun {
  id
  runId
  dagNsref
  status
  statusText
  startedAt
  finishedAt
  durationMs
  initiatedBy
}`) as unknown as TypedDocumentString<RunHeaderQuery, RunHeaderQueryVariables>;
export const NodesOfRunsDocument = new TypedDocumentString(`
    query NodesOfRuns($ids: [ID!]!, $width: Int!, $folded: Boolean!, $withIo: Boolean!) {
  nodes(ids: $ids) {
    ... on DagRun {
      runId
      nodes {
        ...NodeParts
      }
    }
  }
}
    fragment NodeParts on NodeExecution {
  nodeLabel
  status
  statusText
  isSource
  isSink
  startedAt
  finishedAt
  durationMs
  error
  io @include(if: $withIo) {
    inputJson
    outputJson
  }
  subDagCounts {
    total
    running
    paused
    completed
    failed
    cancelled
    unknown
  }
  subDags(first: $width) {
    ...SubDagHeader
  }
  unfinished: subDags(
    first: $width
    statuses: [RUNNING, PAUSED, FAILED, CANCELLED, UNKNOWN]
  ) @include(if: $folded) {
    ...SubDagHeader
  }
}
fragment SubDagHeader on SubDag {
  key
  run {
    ...RunHeader
  }
  earlierRuns {
    ...RunHeader
  }
}
fragment RunHeader on DagRun {
  id
  runId
  dagNsref
  status
  statusText
  startedAt
  finishedAt
  durationMs
  initiatedBy
}`) as unknown as TypedDocumentString<NodesOfRunsQuery, NodesOfRunsQueryVariables>;