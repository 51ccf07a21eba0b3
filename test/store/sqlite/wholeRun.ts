import type { RunEvent } from '../../../src/model.ts';
import { completed, created, finished, started } from '../../support/events.ts';

/** A run from beginning to end; its name tells how many nodes it has. */
export function wholeRun(runId: string, nodes: number): RunEvent[] {
  const labels = Array.from({ length: nodes }, (_, i) => `node ${i}`);
  return [
    created(runId, { dagNsref: String(nodes) }),
    ...labels.map((label) => started(runId, label, { inputJson: `"into ${label}"` })),
    ...labels.map((label) =>
      completed(runId, label, {
        outputJson: `"out of ${label}"`,
        edges: [{ upstreamLabel: label, downstreamLabel: 'end' }],
      }),
    ),
    finished(runId, { sinkOutputsJson: '{}' }),
  ];
}
