import type { Outcome, Recorder } from './recorder.ts';

const drop = async (): Promise<Outcome> => ({ changed: false });

/** Drops everything, and reads none of the values: for a runner that is not to leave records. */
export const nullRecorder: Recorder = {
  createRun: drop,
  updateRunStatus: drop,
  finishRun: drop,
  recordNodeStart: drop,
  recordNodeComplete: drop,
  recordNodeFailed: drop,
  recordNodeSkipped: drop,
  recordEdgeTraversal: drop,
  completeNodeWithEdges: drop,
  failNodeAndFinishRun: drop,
  recordEvents: drop,
};
