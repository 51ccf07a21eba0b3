import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultCode } from '../errors.ts';
import type { Logger } from './log.ts';
import { pathOf } from './paths.ts';

/** What the log is to say about an operation: filled in while it is answered. */
export interface Trace {
  operation: string | undefined;
  readonly codes: Set<FaultCode>;
}

/** Logs a line once the request is over: without its payloads, its variables and its token. */
export function traceRequest(log: Logger, req: IncomingMessage, res: ServerResponse): Trace {
  const { trace, end } = traceOperation(log);
  res.on('close', () => {
    end({
      method: req.method,
      path: pathOf(req).slice(0, 200),
      status: res.headersSent ? res.statusCode : undefined,
      disconnected: res.writableFinished ? undefined : true,
    });
  });
  return trace;
}

/** Begins to trace an operation that takes its time from now on. The function given back logs it once, with more to say about it. */
export function traceOperation(log: Logger): { trace: Trace; end: (more: Readonly<Record<string, unknown>>) => void } {
  const start = performance.now();
  const trace: Trace = { operation: undefined, codes: new Set() };
  let isOver = false;
  const end = (more: Readonly<Record<string, unknown>>): void => {
    if (isOver) return;
    isOver = true;
    log.info(
      {
        ...more,
        ms: elapsed(start),
        operation: trace.operation?.slice(0, 100),
        codes: trace.codes.size > 0 ? [...trace.codes] : undefined,
      },
      'request',
    );
  };
  return { trace, end };
}

function elapsed(start: number): number {
  return Math.round((performance.now() - start) * 10) / 10;
}
