import type { RunEvent } from '../../src/model.ts';

type Of<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;
type Rest<Type extends RunEvent['type'], Given extends keyof Of<Type>> = Partial<Omit<Of<Type>, Given | 'type'>>;

/** Events, each with as little content as it can have unless more is said. */

export function created(runId: string, more: Rest<'runCreated', 'runId'> = {}): Of<'runCreated'> {
  return { type: 'runCreated', runId, dagNsref: 'pipelines:daily', sourceInputsJson: '{}', ...more };
}

export function restarted(runId: string, more: Rest<'runStatusChanged', 'runId'> = {}): Of<'runStatusChanged'> {
  return { type: 'runStatusChanged', runId, status: 'running', ...more };
}

export function finished(runId: string, more: Rest<'runFinished', 'runId'> = {}): Of<'runFinished'> {
  return { type: 'runFinished', runId, status: 'completed', ...more };
}

type AboutNode = 'runId' | 'nodeLabel';

export function started(
  runId: string,
  nodeLabel: string,
  more: Rest<'nodeStarted', AboutNode> = {},
): Of<'nodeStarted'> {
  return { type: 'nodeStarted', runId, nodeLabel, ...more };
}

export function completed(
  runId: string,
  nodeLabel: string,
  more: Rest<'nodeCompleted', AboutNode> = {},
): Of<'nodeCompleted'> {
  return { type: 'nodeCompleted', runId, nodeLabel, ...more };
}

export function failed(runId: string, nodeLabel: string, more: Rest<'nodeFailed', AboutNode> = {}): Of<'nodeFailed'> {
  return { type: 'nodeFailed', runId, nodeLabel, error: 'Traceback: boom', ...more };
}

export function skipped(
  runId: string,
  nodeLabel: string,
  more: Rest<'nodeSkipped', AboutNode> = {},
): Of<'nodeSkipped'> {
  return { type: 'nodeSkipped', runId, nodeLabel, ...more };
}

export function traversed(
  runId: string,
  upstreamLabel: string,
  downstreamLabel: string,
  more: Rest<'edgeTraversed', 'runId' | 'upstreamLabel' | 'downstreamLabel'> = {},
): Of<'edgeTraversed'> {
  return { type: 'edgeTraversed', runId, upstreamLabel, downstreamLabel, ...more };
}
