import type { NodeCompleted, NodeFailed, NodeKey, NodeSkipped, NodeStarted } from '../../model.ts';
import type { Objection } from './check.ts';
import { traverse } from './edges.ts';
import type { Ledger, Verdict } from './ledger.ts';
import { attemptName, type NodeRow, type PayloadRow, type RunRow } from './rows.ts';
import { conflict, invalidTransition, runNotFound, shown } from './runs.ts';

export function nodeStarted(ledger: Ledger, event: NodeStarted, at: number): Verdict {
  const run = ledger.runs.get(event.runId);
  if (!run) return runNotFound(event.runId);
  const { runId, nodeLabel } = event;
  const known = ledger.nodes.get(runId, nodeLabel);
  if (!known) return notRunning(run, nodeLabel) ?? begin(ledger, run, event, at, 1);

  if (known.status === 'skipped') return cannotBecome(known, 'running');
  if (wasAttempted(ledger, known, event)) return false;
  const sameStart = isSameStart(known, ledger.nodePayloads.get(runId, nodeLabel), event);
  if (known.restart === run.restarts) {
    return sameStart ? false : conflict('nodeLabel', `${named(event)} was already started with other content`);
  }
  if (known.status === 'completed') return sameStart ? false : cannotBecome(known, 'running');
  const refusal = notRunning(run, nodeLabel);
  if (refusal) return sameStart ? false : refusal;
  const payload = ledger.nodePayloads.get(runId, nodeLabel) ?? unread(known);
  ledger.attempts.put({ ...known, payload }, runId, attemptName(known.attempt, nodeLabel));
  return begin(ledger, run, event, at, known.attempt + 1);
}

export function nodeCompleted(ledger: Ledger, event: NodeCompleted, at: number): Verdict {
  const node = startedNode(ledger, event);
  if ('code' in node) return node;
  const outputJson = event.outputJson ?? null;
  let changed = false;
  if (node.status === 'completed') {
    if (outputOf(ledger, node) !== outputJson)
      return conflict('outputJson', `${named(event)} has already completed with another output`);
  } else {
    if (isDone(node)) return cannotBecome(node, 'completed');
    const { runId, nodeLabel } = node;
    const payload = ledger.nodePayloads.get(runId, nodeLabel) ?? unread(node);
    ledger.nodes.put({ ...node, status: 'completed', finishedAt: at }, runId, nodeLabel);
    ledger.nodePayloads.put({ ...payload, outputJson }, runId, nodeLabel);
    changed = true;
  }
  for (const [index, edge] of (event.edges ?? []).entries()) {
    const verdict = traverse(ledger, { ...edge, runId: event.runId }, at, ['edges', String(index)]);
    if (typeof verdict !== 'boolean') return verdict;
    changed ||= verdict;
  }
  return changed;
}

export function nodeFailed(ledger: Ledger, event: NodeFailed, at: number): Verdict {
  const node = startedNode(ledger, event);
  if ('code' in node) return node;
  if (node.status === 'failed' && node.error === event.error) return false;
  // Of an attempt at work only the time can tell that an earlier one failed.
  if ((isDone(node) || event.at != null) && wasAttempted(ledger, node, event)) return false;
  if (node.status === 'failed') return conflict('error', `${named(event)} has already failed with another error`);
  if (isDone(node)) return cannotBecome(node, 'failed');
  ledger.nodes.put({ ...node, status: 'failed', finishedAt: at, error: event.error }, node.runId, node.nodeLabel);
  return true;
}

export function nodeSkipped(ledger: Ledger, event: NodeSkipped, at: number): Verdict {
  const run = ledger.runs.get(event.runId);
  if (!run) return runNotFound(event.runId);
  const { runId, nodeLabel } = event;
  const outputJson = event.outputJson ?? null;
  const known = ledger.nodes.get(runId, nodeLabel);
  if (known?.status === 'skipped') {
    return outputOf(ledger, known) === outputJson
      ? false
      : conflict('outputJson', `${named(event)} was already skipped with another output`);
  }
  if (known) return cannotBecome(known, 'skipped');
  const refusal = notRunning(run, nodeLabel);
  if (refusal) return refusal;
  const node: NodeRow = {
    runId,
    nodeLabel,
    rootRunId: run.rootRunId,
    attempt: 1,
    restart: run.restarts,
    status: 'skipped',
    isSource: false,
    isSink: false,
    startedAt: at,
    finishedAt: at,
    error: null,
  };
  ledger.nodes.put(node, runId, nodeLabel);
  ledger.nodePayloads.put({ runId, nodeLabel, inputJson: null, outputJson }, runId, nodeLabel);
  return true;
}

function begin(ledger: Ledger, run: RunRow, event: NodeStarted, at: number, attempt: number): true {
  const { runId, nodeLabel, inputJson = null, isSource = false, isSink = false } = event;
  const node: NodeRow = {
    runId,
    nodeLabel,
    rootRunId: run.rootRunId,
    attempt,
    restart: run.restarts,
    status: 'running',
    isSource,
    isSink,
    startedAt: at,
    finishedAt: null,
    error: null,
  };
  ledger.nodes.put(node, runId, nodeLabel);
  ledger.nodePayloads.put({ runId, nodeLabel, inputJson, outputJson: null }, runId, nodeLabel);
  return true;
}

function startedNode(ledger: Ledger, event: NodeKey): NodeRow | Objection {
  if (!ledger.runs.get(event.runId)) return runNotFound(event.runId);
  const node = ledger.nodes.get(event.runId, event.nodeLabel);
  return (
    node ?? {
      code: 'NODE_NOT_FOUND',
      message: `${named(event)} has not started; record its start first`,
      path: ['nodeLabel'],
    }
  );
}

function notRunning(run: RunRow, nodeLabel: string): Objection | null {
  if (run.status === 'running') return null;
  const remedy =
    run.status === 'paused' || run.status === 'failed' ? 'set its status to RUNNING first' : 'start a new run';
  return invalidTransition(
    'nodeLabel',
    `run ${run.runId} is ${shown(run.status)}, so node ${JSON.stringify(nodeLabel)} cannot begin in it; ${remedy}`,
  );
}

function cannotBecome(node: NodeRow, status: string): Objection {
  return invalidTransition(
    'nodeLabel',
    `${named(node)} is ${shown(node.status)} and cannot become ${shown(status)}: only a running node ends, and only a failed or unfinished one starts again, after a restart of its run`,
  );
}

function isDone({ status }: NodeRow): boolean {
  return status !== 'running' && status !== 'pending';
}

function isSameStart(node: NodeRow, payload: PayloadRow | undefined, event: NodeStarted): boolean {
  return (
    node.isSource === (event.isSource ?? false) &&
    node.isSink === (event.isSink ?? false) &&
    (payload?.inputJson ?? null) === (event.inputJson ?? null)
  );
}

/** Whether an attempt before or in this one recorded the event: a start is told by its time, a failure by its error too. */
function wasAttempted(ledger: Ledger, current: NodeRow, event: NodeStarted | NodeFailed): boolean {
  for (let attempt = 1; attempt <= current.attempt; attempt++) {
    const earlier = ledger.attempts.get(event.runId, attemptName(attempt, event.nodeLabel));
    const node = earlier ?? current;
    if (event.type === 'nodeFailed') {
      const sameTime = event.at == null || node.finishedAt === event.at;
      if (sameTime && node.status === 'failed' && node.error === event.error) return true;
    } else if (event.at != null && node.startedAt === event.at) {
      if (isSameStart(node, earlier?.payload ?? ledger.nodePayloads.get(event.runId, event.nodeLabel), event))
        return true;
    }
  }
  return false;
}

function outputOf(ledger: Ledger, node: NodeRow): string | null {
  return ledger.nodePayloads.get(node.runId, node.nodeLabel)?.outputJson ?? null;
}

/** A payload of which nothing is known without the store. */
function unread({ runId, nodeLabel }: NodeKey): PayloadRow {
  return { runId, nodeLabel, inputJson: undefined, outputJson: undefined };
}

function named({ runId, nodeLabel }: NodeKey): string {
  return `node ${JSON.stringify(nodeLabel)} of run ${runId}`;
}
