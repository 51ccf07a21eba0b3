import { checkJson } from '../../json.ts';
import { type RefusalCode, RUN_ENDS, RUN_STATUSES, type RunEvent } from '../../model.ts';

/** Why an event is not recorded, before it is known which one of its batch it is. */
export interface Objection {
  readonly code: RefusalCode;
  readonly message: string;
  readonly path: readonly string[];
}

export interface EventLimits {
  /** Most UTF-8 bytes of one payload or error text. */
  readonly maxPayloadBytes: number;
}

export const DEFAULT_EVENT_LIMITS: EventLimits = { maxPayloadBytes: 16 * 1024 * 1024 };

/** Most characters of a name. A sub-run's name holds those of all its ancestors. */
const MAX_NAME = { runId: 512, nodeLabel: 4_096, dagNsref: 65_536, initiatedBy: 4_096 };

/** The years 1 to 9999, in seconds since the epoch. */
const TIMES = { first: -62_135_596_800, end: 253_402_300_800 };

/** What is wrong with an event in itself, whatever the store holds; null if nothing is. */
export function checkEvent(event: RunEvent, limits: EventLimits): Objection | null {
  return checkId(event.runId, 'runId') ?? checkAt(event.at) ?? checkFields(event, limits);
}

function checkFields(event: RunEvent, limits: EventLimits): Objection | null {
  switch (event.type) {
    case 'runCreated':
      return (
        (event.dagNsref === '' ? invalid('dagNsref', 'is empty; give the name of the DAG') : null) ??
        checkName(event.dagNsref, 'dagNsref', MAX_NAME.dagNsref) ??
        (event.parentRunId == null ? null : checkId(event.parentRunId, 'parentRunId')) ??
        (event.initiatedBy == null ? null : checkName(event.initiatedBy, 'initiatedBy', MAX_NAME.initiatedBy)) ??
        checkPayload(event.sourceInputsJson, 'sourceInputsJson', limits)
      );
    case 'runStatusChanged':
      return checkStatus(event.status, RUN_STATUSES);
    case 'runFinished':
      return checkStatus(event.status, RUN_ENDS) ?? checkPayload(event.sinkOutputsJson, 'sinkOutputsJson', limits);
    case 'nodeStarted':
      return checkLabel(event.nodeLabel) ?? checkPayload(event.inputJson, 'inputJson', limits);
    case 'nodeCompleted':
      return (
        checkLabel(event.nodeLabel) ??
        checkPayload(event.outputJson, 'outputJson', limits) ??
        first(event.edges ?? [], (edge, index) => checkEdge(edge, ['edges', String(index)]))
      );
    case 'nodeFailed':
      return checkLabel(event.nodeLabel) ?? checkText(event.error, 'error', limits);
    case 'nodeSkipped':
      return checkLabel(event.nodeLabel) ?? checkPayload(event.outputJson, 'outputJson', limits);
    case 'edgeTraversed':
      return checkEdge(event, []);
  }
}

function checkEdge(edge: { upstreamLabel: string; downstreamLabel: string }, path: string[]): Objection | null {
  return (
    checkName(edge.upstreamLabel, [...path, 'upstreamLabel'], MAX_NAME.nodeLabel) ??
    checkName(edge.downstreamLabel, [...path, 'downstreamLabel'], MAX_NAME.nodeLabel)
  );
}

function checkLabel(label: string): Objection | null {
  return checkName(label, 'nodeLabel', MAX_NAME.nodeLabel);
}

function checkId(runId: string, field: string): Objection | null {
  if (runId === '') return invalid(field, 'is empty; give the id of a run');
  return checkName(runId, field, MAX_NAME.runId);
}

function checkName(text: string, path: string | readonly string[], limit: number): Objection | null {
  if (text.length > limit) return invalid(path, `has ${text.length} characters; the most is ${limit}`);
  return checkWellFormed(text, path);
}

function checkWellFormed(text: string, path: string | readonly string[]): Objection | null {
  return text.isWellFormed()
    ? null
    : invalid(path, 'has an unpaired surrogate, which no UTF-8 text can hold; replace it');
}

function checkText(text: string, field: string, limits: EventLimits): Objection | null {
  return checkSize(text, field, limits) ?? checkWellFormed(text, field);
}

function checkPayload(json: string | null | undefined, field: string, limits: EventLimits): Objection | null {
  if (json == null) return null;
  const tooLarge = checkSize(json, field, limits);
  if (tooLarge) return tooLarge;
  const fault = checkJson(json);
  return fault === null ? null : { code: 'INVALID_JSON', message: `${field} is not JSON: ${fault}`, path: [field] };
}

function checkSize(text: string, field: string, { maxPayloadBytes }: EventLimits): Objection | null {
  // A text has at least as many bytes as characters, so most need no counting.
  if (text.length * 3 <= maxPayloadBytes) return null;
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxPayloadBytes) return null;
  const message = `${field} has ${bytes} bytes; the most is ${maxPayloadBytes}: store it elsewhere and record where`;
  return { code: 'PAYLOAD_TOO_LARGE', message, path: [field] };
}

function checkStatus(status: string, allowed: readonly string[]): Objection | null {
  if (allowed.includes(status)) return null;
  return invalid('status', `cannot be ${status.toUpperCase()} here; use one of ${allowed.join(', ').toUpperCase()}`);
}

function checkAt(at: number | null | undefined): Objection | null {
  if (at == null || (at >= TIMES.first && at < TIMES.end)) return null;
  return invalid(
    'at',
    'is not a time between the years 1 and 9999, in seconds since the epoch (milliseconds have to be divided by 1000)',
  );
}

function invalid(path: string | readonly string[], message: string): Objection {
  const places = typeof path === 'string' ? [path] : path;
  return { code: 'INVALID_INPUT', message: `${places.join('.')} ${message}`, path: places };
}

function first<T>(items: readonly T[], check: (item: T, index: number) => Objection | null): Objection | null {
  for (const [index, item] of items.entries()) {
    const objection = check(item, index);
    if (objection) return objection;
  }
  return null;
}
