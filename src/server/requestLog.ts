import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultCode } from '../errors.ts';
import type { Logger } from './log.ts';
import { pathOf } from './paths.ts';

/** What the log is to say about a request: filled in while it is answered. */
export interface Trace {
  operation: string | undefined;
  readonly codes: Set<FaultCode>;
}

/** Logs a line once the request is over: without its payloads, its variables and its token. */
export function traceRequest(log: Logger, req: IncomingMessage, res: ServerResponse): Trace {
  const start = performance.now();
  const trace: Trace = { operation: undefined, codes: new Set() };
  res.on('close', () => {
    log.info(
      {
        method: req.method,
        path: pathOf(req).slice(0, 200),
        status: res.headersSent ? res.statusCode : undefined,
        ms: Math.round((performance.now() - start) * 10) / 10,
        operation: trace.operation?.slice(0, 100),
        codes: trace.codes.size > 0 ? [...trace.codes] : undefined,
        disconnected: res.writableFinished ? undefined : true,
      },
      'request',
    );
  });
  return trace;
}
