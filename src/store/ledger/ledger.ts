/**
 * The state machine of runs and nodes, over working copies of the rows that some events touch. It decides; a back end
 * loads rows into it and writes what it changed. docs/events.md has its rules as tables.
 *
 * A back end, in one transaction: `load(wanted(events))`, `load(wantedHistory(events))`, `record` each batch, write `changes()`.
 */
import type { EdgeTraversal, NodeKey, Recorded, Refusal, RunEvent } from '../../model.ts';
import { now } from '../../time.ts';
import { checkEvent, type EventLimits, type Objection } from './check.ts';
import { Drafts } from './drafts.ts';
import { edgeTraversed } from './edges.ts';
import { NodeKeys } from './nodeKeys.ts';
import { nodeCompleted, nodeFailed, nodeSkipped, nodeStarted } from './nodes.ts';
import {
  type AttemptRow,
  attemptName,
  type EdgeRow,
  edgeName,
  type NodeRow,
  type PayloadRow,
  type RestartRow,
  type RunRow,
  restartName,
} from './rows.ts';
import { isEnd, runCreated, runFinished, runStatusChanged } from './runs.ts';

/** True: it changed something; false: it was recorded before; else why it is refused. */
export type Verdict = boolean | Objection;

/** Keys of the rows that events can touch. */
export interface Wanted {
  readonly runIds: readonly string[];
  readonly nodes: readonly NodeKey[];
  /** Nodes whose outgoing edges are touched. */
  readonly edgesFrom: readonly NodeKey[];
}

/** Keys of what has to be compared with events that may be repeats. Empty as a rule. */
export interface WantedHistory {
  readonly runPayloads: readonly string[];
  readonly nodePayloads: readonly NodeKey[];
  readonly restarts: readonly string[];
  readonly attempts: readonly NodeKey[];
}

/** Rows to write, each with the new version of its tree. Parents come before their children. */
export interface Changes {
  readonly runs: readonly (RunRow & Versioned)[];
  readonly runPayloads: readonly PayloadRow[];
  readonly restarts: readonly RestartRow[];
  /** Attempts to keep, before their payloads are written over. */
  readonly attempts: readonly AttemptRow[];
  readonly nodes: readonly (NodeRow & Versioned)[];
  readonly nodePayloads: readonly PayloadRow[];
  readonly edges: readonly (EdgeRow & Versioned)[];
  /** Roots of all trees that changed. */
  readonly rootRunIds: readonly string[];
  /** Trees that were there before, and their new versions. */
  readonly trees: readonly { readonly rootRunId: string; readonly version: number }[];
}

export interface Versioned {
  readonly version: number;
}

const MAX_REFUSALS = 20;

export class Ledger {
  readonly runs = new Drafts<RunRow>();
  readonly runPayloads = new Drafts<PayloadRow>();
  readonly restarts = new Drafts<RestartRow>();
  readonly nodes = new Drafts<NodeRow>();
  readonly nodePayloads = new Drafts<PayloadRow>();
  readonly attempts = new Drafts<AttemptRow>();
  readonly edges = new Drafts<EdgeRow>();
  readonly #all = [
    this.runs,
    this.runPayloads,
    this.restarts,
    this.nodes,
    this.nodePayloads,
    this.attempts,
    this.edges,
  ];
  readonly #treeVersions = new Map<string, number>();
  readonly #limits: EventLimits;
  readonly #timeOf: (event: RunEvent) => number;

  /** `timeOf` says when an event happened that does not say it itself. */
  constructor(limits: EventLimits, timeOf: (event: RunEvent) => number = now) {
    this.#limits = limits;
    this.#timeOf = timeOf;
  }

  static wanted(events: readonly RunEvent[]): Wanted {
    const runIds = new Set<string>();
    const nodes = new NodeKeys();
    const edgesFrom = new NodeKeys();
    for (const event of events) {
      const { runId } = event;
      runIds.add(runId);
      if (event.type === 'runCreated' && event.parentRunId != null) runIds.add(event.parentRunId);
      if ('nodeLabel' in event) nodes.add(runId, event.nodeLabel);
      for (const { upstreamLabel } of edgesOf(event)) {
        nodes.add(runId, upstreamLabel);
        edgesFrom.add(runId, upstreamLabel);
      }
    }
    return { runIds: [...runIds], nodes: nodes.all, edgesFrom: edgesFrom.all };
  }

  load(rows: {
    readonly runs: readonly (RunRow & { readonly treeVersion: number })[];
    readonly nodes: readonly NodeRow[];
    readonly edges: readonly EdgeRow[];
  }): void {
    for (const row of rows.runs) {
      this.runs.load(row, row.runId);
      this.#treeVersions.set(row.rootRunId, row.treeVersion);
    }
    for (const row of rows.nodes) this.nodes.load(row, row.runId, row.nodeLabel);
    for (const row of rows.edges) this.edges.load(row, row.runId, edgeName(row));
  }

  /** To be asked after `load`. */
  wantedHistory(events: readonly RunEvent[]): WantedHistory {
    const runPayloads = new Set<string>();
    const restarts = new Set<string>();
    const nodePayloads = new NodeKeys();
    const attempts = new NodeKeys();
    for (const event of events) {
      const run = this.runs.get(event.runId);
      if (!run) continue;
      const mayRepeat = event.type === 'runCreated' || (event.type === 'runFinished' && isEnd(run.status));
      if (mayRepeat) runPayloads.add(run.runId);
      if (run.restarts > 0) restarts.add(run.runId);
      if (!('nodeLabel' in event)) continue;
      const { runId, nodeLabel } = event;
      const node = this.nodes.get(runId, nodeLabel);
      if (!node) continue;
      if (event.type === 'nodeStarted' || node.status !== 'running') nodePayloads.add(runId, nodeLabel);
      if (node.attempt > 1) attempts.add(runId, nodeLabel);
    }
    return {
      runPayloads: [...runPayloads],
      nodePayloads: nodePayloads.all,
      restarts: [...restarts],
      attempts: attempts.all,
    };
  }

  loadHistory(rows: {
    readonly runPayloads: readonly PayloadRow[];
    readonly nodePayloads: readonly PayloadRow[];
    readonly restarts: readonly RestartRow[];
    readonly attempts: readonly AttemptRow[];
  }): void {
    for (const row of rows.runPayloads) this.runPayloads.load(row, row.runId);
    for (const row of rows.nodePayloads) this.nodePayloads.load(row, row.runId, row.nodeLabel);
    for (const row of rows.restarts) this.restarts.load(row, row.runId, restartName(row.restart));
    for (const row of rows.attempts) this.attempts.load(row, row.runId, attemptName(row.attempt, row.nodeLabel));
  }

  /** Decides on one batch. If any of its events is refused, the working copies are as they were before it. */
  record(events: readonly RunEvent[]): Recorded {
    const changed: boolean[] = [];
    const refusals: Refusal[] = [];
    for (const [index, event] of events.entries()) {
      const verdict = checkEvent(event, this.#limits) ?? this.#decide(event, event.at ?? this.#timeOf(event));
      if (typeof verdict === 'boolean') changed.push(verdict);
      else if (refusals.push({ ...verdict, event: index }) >= MAX_REFUSALS) break;
    }
    for (const drafts of this.#all) {
      if (refusals.length) drafts.rollBack();
      else drafts.keep();
    }
    return refusals.length ? { ok: false, refusals } : { ok: true, changed };
  }

  #decide(event: RunEvent, at: number): Verdict {
    switch (event.type) {
      case 'runCreated':
        return runCreated(this, event, at);
      case 'runStatusChanged':
        return runStatusChanged(this, event, at);
      case 'runFinished':
        return runFinished(this, event, at);
      case 'nodeStarted':
        return nodeStarted(this, event, at);
      case 'nodeCompleted':
        return nodeCompleted(this, event, at);
      case 'nodeFailed':
        return nodeFailed(this, event, at);
      case 'nodeSkipped':
        return nodeSkipped(this, event, at);
      case 'edgeTraversed':
        return edgeTraversed(this, event, at);
    }
  }

  changes(): Changes {
    const raised = new Map<string, number>();
    const version = <Row extends { readonly rootRunId: string }>(row: Row): Row & Versioned => {
      const next = raised.get(row.rootRunId) ?? (this.#treeVersions.get(row.rootRunId) ?? 0) + 1;
      raised.set(row.rootRunId, next);
      return { ...row, version: next };
    };
    return {
      runs: this.runs.changed().map(version),
      nodes: this.nodes.changed().map(version),
      edges: this.edges.changed().map(version),
      runPayloads: this.runPayloads.changed(),
      nodePayloads: this.nodePayloads.changed(),
      restarts: this.restarts.changed(),
      attempts: this.attempts.changed(),
      rootRunIds: [...raised.keys()],
      trees: [...raised]
        .filter(([rootRunId]) => this.#treeVersions.has(rootRunId))
        .map(([rootRunId, raisedTo]) => ({ rootRunId, version: raisedTo })),
    };
  }
}

function edgesOf(event: RunEvent): readonly Omit<EdgeTraversal, 'runId' | 'traversedAt'>[] {
  if (event.type === 'edgeTraversed') return [event];
  return event.type === 'nodeCompleted' ? (event.edges ?? []) : [];
}
