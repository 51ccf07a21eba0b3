import './scalars.ts';
import './dagRun.ts';
import './dagRunLists.ts';
import './nodeExecution.ts';
import './edgeTraversal.ts';
import './ioPayload.ts';
import './statusCounts.ts';
import './subDag.ts';
import './relayNodeQueries.ts';
import './serverInfo.ts';
import './dagRunMutations.ts';
import './nodeExecutionMutations.ts';
import './edgeTraversalMutations.ts';
import './recordEvents.ts';
import './treeCursor.ts';
import './dagRunChange.ts';
import './activeRunChange.ts';
import { builder } from './builder.ts';

/** Everything that clients can ask. */
export const schema = builder.toSchema();
