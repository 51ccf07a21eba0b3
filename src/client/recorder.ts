/**
 * How a runner written in TypeScript reports what it does.
 *
 * Values are given as they are and become JSON at once, so they may change afterwards (`serialise.ts` says how; `rawJson`
 * passes a text untouched). Calls are recorded in the order in which they are made, awaited or not.
 */
import { RecordingRefused } from '../errors.ts';
import type { Edge, EventSink, RunEnd, RunEvent, RunStatus } from '../model.ts';
import { errorText } from './errorText.ts';
import { RawJson } from './rawJson.ts';
import { serialise } from './serialise.ts';

/** What became of a call, once it is on disk. */
export interface Outcome {
  /** False: it was recorded before, or there is nothing that records. */
  readonly changed: boolean;
}

export interface When {
  /** When it happened, in seconds since the epoch; the store's clock if absent. Give it to events that may be sent twice. */
  readonly at?: number | null | undefined;
}

export interface NewRun extends When {
  /** The run whose composite node started this one. */
  readonly parentRunId?: string | null | undefined;
  /** Who or what asked for it; inherited from the parent if absent. */
  readonly initiatedBy?: string | null | undefined;
}

export interface NodeStart extends When {
  /** Gets its input from the run's source inputs. */
  readonly isSource?: boolean | undefined;
  /** Its output is among the run's sink outputs. */
  readonly isSink?: boolean | undefined;
}

/**
 * The methods resolve once what they record is on disk. They reject with RecordingRefused if it cannot be recorded, such as a
 * node of an unknown run, and with a Fault if the store is at fault, such as a full disk.
 */
export interface Recorder {
  createRun(runId: string, dagNsref: string, sourceInputs?: unknown, options?: NewRun): Promise<Outcome>;
  /** A pause, or a restart. */
  updateRunStatus(runId: string, status: RunStatus, options?: When): Promise<Outcome>;
  /** Sink outputs by label, if there are any. */
  finishRun(runId: string, status: RunEnd, sinkOutputs?: unknown, options?: When): Promise<Outcome>;
  recordNodeStart(runId: string, nodeLabel: string, input?: unknown, options?: NodeStart): Promise<Outcome>;
  recordNodeComplete(runId: string, nodeLabel: string, output: unknown, options?: When): Promise<Outcome>;
  /** Any thrown value: the stack of an error is recorded with those of its causes, a string as it is. */
  recordNodeFailed(runId: string, nodeLabel: string, error: unknown, options?: When): Promise<Outcome>;
  /** A replay took the output from an earlier run: give that, for example as `rawJson`. */
  recordNodeSkipped(runId: string, nodeLabel: string, output: unknown, options?: When): Promise<Outcome>;
  recordEdgeTraversal(runId: string, upstreamLabel: string, downstreamLabel: string, options?: When): Promise<Outcome>;
  /** In one transaction. */
  completeNodeWithEdges(
    runId: string,
    nodeLabel: string,
    output: unknown,
    edges: readonly Edge[],
    options?: When,
  ): Promise<Outcome>;
  /** In one transaction: the node failed, and the run with it. */
  failNodeAndFinishRun(runId: string, nodeLabel: string, error: unknown, options?: When): Promise<Outcome>;
  /** Any events in one transaction. `changed` if any of them did. */
  recordEvents(events: readonly RunEvent[]): Promise<Outcome>;
}

export interface RecorderOptions {
  /**
   * Takes what the methods would reject with; they resolve with `changed: false` instead. For a runner that must go on when
   * its records fail.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Hears what of a value could not be recorded as it was. Process warnings by default. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * A recorder over a store in this process, or over anything else that takes events.
 *
 * @example
 * const recorder = createRecorder(store, { onError: (error) => log.error(error) });
 * await recorder.createRun(runId, 'pipelines:daily', { day: new Date() });
 */
export function createRecorder(sink: EventSink, options: RecorderOptions = {}): Recorder {
  const { onError, onWarning = warnProcess } = options;

  async function record(events: readonly RunEvent[]): Promise<Outcome> {
    try {
      const recorded = await sink.record(events);
      if (!recorded.ok) throw new RecordingRefused(recorded.refusals);
      return { changed: recorded.changed.includes(true) };
    } catch (error) {
      if (!onError) throw error;
      onError(error);
      return { changed: false };
    }
  }

  function json(value: unknown, ...where: readonly string[]): string {
    if (value instanceof RawJson) return value.text;
    return serialise(value, (warning) => onWarning(`${where.join(', ')}: ${warning}`));
  }

  function jsonIfAny(value: unknown, ...where: readonly string[]): string | null {
    return value === undefined ? null : json(value, ...where);
  }

  return {
    createRun: (runId, dagNsref, sourceInputs = {}, { at, parentRunId, initiatedBy } = {}) => {
      const sourceInputsJson = json(sourceInputs, runId, 'source inputs');
      return record([{ type: 'runCreated', runId, dagNsref, sourceInputsJson, parentRunId, initiatedBy, at }]);
    },
    updateRunStatus: (runId, status, { at } = {}) => record([{ type: 'runStatusChanged', runId, status, at }]),
    finishRun: (runId, status, sinkOutputs, { at } = {}) => {
      const sinkOutputsJson = jsonIfAny(sinkOutputs, runId, 'sink outputs');
      return record([{ type: 'runFinished', runId, status, sinkOutputsJson, at }]);
    },
    recordNodeStart: (runId, nodeLabel, input, { at, isSource, isSink } = {}) => {
      const inputJson = jsonIfAny(input, runId, nodeLabel, 'input');
      return record([{ type: 'nodeStarted', runId, nodeLabel, inputJson, isSource, isSink, at }]);
    },
    recordNodeComplete: (runId, nodeLabel, output, { at } = {}) => {
      const outputJson = json(output, runId, nodeLabel, 'output');
      return record([{ type: 'nodeCompleted', runId, nodeLabel, outputJson, at }]);
    },
    recordNodeFailed: (runId, nodeLabel, error, { at } = {}) =>
      record([{ type: 'nodeFailed', runId, nodeLabel, error: errorText(error), at }]),
    recordNodeSkipped: (runId, nodeLabel, output, { at } = {}) => {
      const outputJson = json(output, runId, nodeLabel, 'output');
      return record([{ type: 'nodeSkipped', runId, nodeLabel, outputJson, at }]);
    },
    recordEdgeTraversal: (runId, upstreamLabel, downstreamLabel, { at } = {}) =>
      record([{ type: 'edgeTraversed', runId, upstreamLabel, downstreamLabel, at }]),
    completeNodeWithEdges: (runId, nodeLabel, output, edges, { at } = {}) => {
      const outputJson = json(output, runId, nodeLabel, 'output');
      return record([{ type: 'nodeCompleted', runId, nodeLabel, outputJson, edges: [...edges], at }]);
    },
    failNodeAndFinishRun: (runId, nodeLabel, error, { at } = {}) =>
      record([
        { type: 'nodeFailed', runId, nodeLabel, error: errorText(error), at },
        { type: 'runFinished', runId, status: 'failed', at },
      ]),
    recordEvents: record,
  };
}

function warnProcess(message: string): void {
  process.emitWarning(message, 'RecordingWarning');
}
