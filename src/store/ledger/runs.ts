import { RUN_ENDS, type RunCreated, type RunFinished, type RunStatusChanged } from '../../model.ts';
import type { Objection } from './check.ts';
import type { Ledger, Verdict } from './ledger.ts';
import { type RunRow, restartName } from './rows.ts';

export function runCreated(ledger: Ledger, event: RunCreated, at: number): Verdict {
  const { runId, dagNsref, sourceInputsJson } = event;
  const parentRunId = event.parentRunId ?? null;
  const parent = parentRunId === null ? null : ledger.runs.get(parentRunId);
  const initiatedBy = event.initiatedBy ?? parent?.initiatedBy ?? null;

  const known = ledger.runs.get(runId);
  if (known) {
    const same =
      known.dagNsref === dagNsref &&
      known.parentRunId === parentRunId &&
      known.initiatedBy === initiatedBy &&
      ledger.runPayloads.get(runId)?.inputJson === sourceInputsJson;
    return same
      ? false
      : conflict('runId', `run ${runId} was already created with other content; give this one an id of its own`);
  }
  if (parent === undefined) {
    const message =
      parentRunId === runId
        ? `run ${runId} cannot be its own parent; leave the parent out if it has none`
        : `there is no run ${parentRunId} to be the parent; create it first`;
    return { code: 'PARENT_NOT_FOUND', message, path: ['parentRunId'] };
  }
  const run: RunRow = {
    runId,
    dagNsref,
    parentRunId,
    rootRunId: parent?.rootRunId ?? runId,
    status: 'running',
    statusAt: at,
    startedAt: at,
    finishedAt: null,
    initiatedBy,
    restarts: 0,
  };
  ledger.runs.put(run, runId);
  ledger.runPayloads.put({ runId, nodeLabel: '', inputJson: sourceInputsJson, outputJson: null }, runId);
  return true;
}

/** What a run can become without ending. */
const STATUS_CHANGES: Readonly<Record<string, readonly string[]>> = {
  running: ['paused'],
  paused: ['running'],
  failed: ['running'],
};

export function runStatusChanged(ledger: Ledger, event: RunStatusChanged, at: number): Verdict {
  const run = ledger.runs.get(event.runId);
  if (!run) return runNotFound(event.runId);
  if (run.status === event.status || wasBefore(ledger, run, event)) return false;
  if (!STATUS_CHANGES[run.status]?.includes(event.status)) {
    const remedy = isEnd(event.status)
      ? 'an end is recorded by finishRun'
      : 'only a paused or failed run goes on, and only a running one pauses; create a new run';
    return invalidTransition(
      'status',
      `run ${run.runId} is ${shown(run.status)} and cannot become ${shown(event.status)}: ${remedy}`,
    );
  }
  if (event.status === 'paused') {
    ledger.runs.put({ ...run, status: 'paused', statusAt: at }, run.runId);
    return true;
  }
  const restart = run.restarts + 1;
  const left = { runId: run.runId, restart, leftStatus: run.status, leftStatusAt: run.statusAt, restartedAt: at };
  ledger.restarts.put(left, run.runId, restartName(restart));
  ledger.runs.put({ ...run, status: 'running', statusAt: at, finishedAt: null, restarts: restart }, run.runId);
  return true;
}

export function runFinished(ledger: Ledger, event: RunFinished, at: number): Verdict {
  const run = ledger.runs.get(event.runId);
  if (!run) return runNotFound(event.runId);
  const outputJson = event.sinkOutputsJson ?? null;
  if (run.status === event.status && (ledger.runPayloads.get(run.runId)?.outputJson ?? null) === outputJson)
    return false;
  if (wasBefore(ledger, run, event)) return false;
  if (isEnd(run.status)) {
    return conflict(
      'status',
      `run ${run.runId} has already ended as ${shown(run.status)}; to go on with a failed one, set its status to RUNNING`,
    );
  }
  ledger.runs.put({ ...run, status: event.status, statusAt: at, finishedAt: at }, run.runId);
  const inputJson = ledger.runPayloads.get(run.runId)?.inputJson;
  ledger.runPayloads.put({ runId: run.runId, nodeLabel: '', inputJson, outputJson }, run.runId);
  return true;
}

/** Whether an event with a time of its own was recorded before the run went on. */
function wasBefore(ledger: Ledger, run: RunRow, { status, at }: RunStatusChanged | RunFinished): boolean {
  if (at == null) return false;
  for (let restart = 1; restart <= run.restarts; restart++) {
    const left = ledger.restarts.get(run.runId, restartName(restart));
    if (left?.leftStatus === status && left.leftStatusAt === at) return true;
    if (status === 'running' && left?.restartedAt === at) return true;
  }
  return false;
}

export function isEnd(status: string): boolean {
  return (RUN_ENDS as readonly string[]).includes(status);
}

export function runNotFound(runId: string): Objection {
  return { code: 'RUN_NOT_FOUND', message: `there is no run ${runId}; create it first`, path: ['runId'] };
}

export function conflict(field: string, message: string): Objection {
  return { code: 'CONFLICT', message, path: [field] };
}

export function invalidTransition(field: string, message: string): Objection {
  return { code: 'INVALID_TRANSITION', message, path: [field] };
}

/** Statuses as clients know them. */
export function shown(status: string): string {
  return status.toUpperCase();
}
