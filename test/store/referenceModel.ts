import type { NodeCompleted, NodeStarted, RunEvent } from '../../src/model.ts';

/** The rules of docs/events.md again, as plainly as can be, to hold a store against. Knows no repeats across restarts by time. */

interface Node {
  status: string;
  input: string | null;
  output: string | null;
  error: string | null;
  source: boolean;
  sink: boolean;
  pausesSeen: number;
  failures: string[];
}

interface Run {
  nsref: string;
  parent: string | null;
  initiator: string | null;
  inputs: string;
  outputs: string | null;
  status: string;
  pauses: number;
  nodes: Map<string, Node>;
  edges: Set<string>;
}

export class ReferenceModel {
  runs = new Map<string, Run>();

  /** `changed`, `unchanged` or a refusal's code for each event; the state stays as it was if one is refused. */
  record(events: readonly RunEvent[]): string[] {
    const before = structuredClone(this.runs);
    const outcomes = events.map((event) => this.#one(event));
    if (outcomes.some((outcome) => outcome !== 'changed' && outcome !== 'unchanged')) this.runs = before;
    return outcomes;
  }

  #one(event: RunEvent): string {
    const run = this.runs.get(event.runId);
    if (event.type === 'runCreated') {
      const parent = event.parentRunId == null ? undefined : this.runs.get(event.parentRunId);
      const initiator = event.initiatedBy ?? parent?.initiator ?? null;
      if (run) {
        const same =
          run.nsref === event.dagNsref &&
          run.parent === (event.parentRunId ?? null) &&
          run.initiator === initiator &&
          run.inputs === event.sourceInputsJson;
        return same ? 'unchanged' : 'CONFLICT';
      }
      if (event.parentRunId != null && !parent) return 'PARENT_NOT_FOUND';
      this.runs.set(event.runId, {
        nsref: event.dagNsref,
        parent: event.parentRunId ?? null,
        initiator,
        inputs: event.sourceInputsJson,
        outputs: null,
        status: 'running',
        pauses: 0,
        nodes: new Map(),
        edges: new Set(),
      });
      return 'changed';
    }
    if (!run) return 'RUN_NOT_FOUND';
    const over = ['completed', 'failed', 'cancelled'].includes(run.status);
    switch (event.type) {
      case 'runStatusChanged': {
        if (run.status === event.status) return 'unchanged';
        const step = `${run.status} ${event.status}`;
        if (!['running paused', 'paused running', 'failed running'].includes(step)) return 'INVALID_TRANSITION';
        run.status = event.status;
        if (event.status === 'running') run.pauses += 1;
        return 'changed';
      }
      case 'runFinished': {
        const outputs = event.sinkOutputsJson ?? null;
        if (over) return run.status === event.status && run.outputs === outputs ? 'unchanged' : 'CONFLICT';
        run.status = event.status;
        run.outputs = outputs;
        return 'changed';
      }
      case 'edgeTraversed':
        return this.#edge(run, event.upstreamLabel, event.downstreamLabel);
      case 'nodeStarted':
        return this.#start(run, event);
      case 'nodeSkipped': {
        const node = run.nodes.get(event.nodeLabel);
        const output = event.outputJson ?? null;
        if (node?.status === 'skipped') return node.output === output ? 'unchanged' : 'CONFLICT';
        if (node || run.status !== 'running') return 'INVALID_TRANSITION';
        run.nodes.set(event.nodeLabel, { ...newNode(run), status: 'skipped', output });
        return 'changed';
      }
      case 'nodeCompleted':
        return this.#complete(run, event);
      case 'nodeFailed': {
        const node = run.nodes.get(event.nodeLabel);
        if (!node) return 'NODE_NOT_FOUND';
        if (node.status === 'running') {
          node.status = 'failed';
          node.error = event.error;
          return 'changed';
        }
        if (node.error === event.error || node.failures.includes(event.error)) return 'unchanged';
        return node.status === 'failed' ? 'CONFLICT' : 'INVALID_TRANSITION';
      }
    }
  }

  #start(run: Run, event: NodeStarted): string {
    const node = run.nodes.get(event.nodeLabel);
    const fresh: Node = {
      ...newNode(run),
      input: event.inputJson ?? null,
      source: event.isSource ?? false,
      sink: event.isSink ?? false,
    };
    if (!node) {
      if (run.status !== 'running') return 'INVALID_TRANSITION';
      run.nodes.set(event.nodeLabel, fresh);
      return 'changed';
    }
    if (node.status === 'skipped') return 'INVALID_TRANSITION';
    const same = node.input === fresh.input && node.source === fresh.source && node.sink === fresh.sink;
    if (node.pausesSeen === run.pauses) return same ? 'unchanged' : 'CONFLICT';
    if (node.status === 'completed' || run.status !== 'running') return same ? 'unchanged' : 'INVALID_TRANSITION';
    fresh.failures = node.error === null ? node.failures : [...node.failures, node.error];
    run.nodes.set(event.nodeLabel, fresh);
    return 'changed';
  }

  #complete(run: Run, event: NodeCompleted): string {
    const node = run.nodes.get(event.nodeLabel);
    if (!node) return 'NODE_NOT_FOUND';
    const output = event.outputJson ?? null;
    let outcome = 'unchanged';
    if (node.status === 'running') {
      node.status = 'completed';
      node.output = output;
      outcome = 'changed';
    } else if (node.status !== 'completed') {
      return 'INVALID_TRANSITION';
    } else if (node.output !== output) {
      return 'CONFLICT';
    }
    for (const { upstreamLabel, downstreamLabel } of event.edges ?? []) {
      const edge = this.#edge(run, upstreamLabel, downstreamLabel);
      if (edge === 'NODE_NOT_FOUND') return edge;
      if (edge === 'changed') outcome = edge;
    }
    return outcome;
  }

  #edge(run: Run, upstream: string, downstream: string): string {
    if (!run.nodes.has(upstream)) return 'NODE_NOT_FOUND';
    const edge = JSON.stringify([upstream, downstream]);
    if (run.edges.has(edge)) return 'unchanged';
    run.edges.add(edge);
    return 'changed';
  }
}

function newNode(run: Run): Node {
  return {
    status: 'running',
    input: null,
    output: null,
    error: null,
    source: false,
    sink: false,
    pausesSeen: run.pauses,
    failures: [],
  };
}
