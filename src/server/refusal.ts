import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Fault, type FaultCode } from '../errors.ts';
import { COMMON_HEADERS } from './commonHeaders.ts';

export const JSON_TYPE = 'application/json';
export const GRAPHQL_TYPE = 'application/graphql-response+json';

/** A request that is turned down before GraphQL sees it, with the HTTP status and headers of the answer. */
export class Refusal extends Fault {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;

  constructor(status: number, code: FaultCode, message: string, headers: OutgoingHttpHeaders = {}) {
    super(code, message);
    this.name = 'Refusal';
    this.status = status;
    this.headers = headers;
  }
}

/** Answers with JSON. */
export function sendJson(res: ServerResponse, status: number, body: unknown, headers: OutgoingHttpHeaders = {}): void {
  const text = JSON.stringify(body);
  res.writeHead(status, {
    ...COMMON_HEADERS,
    'content-type': `${JSON_TYPE}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  res.write(text);
  endAfterRequest(res);
}

/**
 * Throws away what still comes of a request before its answer, which is complete, is ended: a connection that is closed
 * while the client sends is reset, and the client might not see the answer. The time for requests bounds this.
 */
function endAfterRequest(res: ServerResponse): void {
  if (res.req.complete) {
    res.end();
  } else {
    res.req.on('close', () => res.end());
    res.req.resume();
  }
}

/** Answers with a refusal in the shape of a GraphQL response. */
export function sendRefusal(req: IncomingMessage, res: ServerResponse, refusal: Refusal): void {
  const type = req.headers.accept?.includes(GRAPHQL_TYPE) ? GRAPHQL_TYPE : JSON_TYPE;
  sendJson(res, refusal.status, refusalBody(refusal), {
    'content-type': `${type}; charset=utf-8`,
    ...refusal.headers,
  });
}

/** A refusal in the shape of a GraphQL response. */
export function refusalBody({ message, code }: Fault): {
  errors: { message: string; extensions: { code: FaultCode } }[];
} {
  return { errors: [{ message, extensions: { code } }] };
}
