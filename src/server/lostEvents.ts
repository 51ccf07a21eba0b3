import type { ExecutionResult } from 'graphql';
import { mapped } from './asyncIterable.ts';

/**
 * Ends a subscription with the first event that cannot be told, of which only errors are: what came after would leave a gap that
 * clients cannot see. They may go on from the cursor of the event before.
 */
export function endAtLostEvent(events: AsyncIterable<ExecutionResult>): AsyncIterable<ExecutionResult> {
  const untilLost = mapped(events, (event) => {
    if (event.data == null) untilLost.return?.();
    return event;
  });
  return untilLost;
}
