import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Config } from '../config.ts';
import type { Logger } from './log.ts';
import { Refusal, refusalBody } from './refusal.ts';

/**
 * Answers what never becomes a request: broken HTTP, headers that are too large, a body that comes too slowly. Node tells of
 * these by the connection alone, and without this it closes it with an empty answer.
 */
export function answerBrokenRequests(server: Server, { requestTimeoutMs }: Config, log: Logger): void {
  const newest = new WeakMap<Duplex, ServerResponse<IncomingMessage>>();
  server.on('request', (req, res) => newest.set(req.socket, res));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const response = newest.get(socket);
    const isAnswered = response?.headersSent && !(response.writableFinished && response.req.complete);
    if (isAnswered || !socket.writable) {
      // Nobody is left to tell, and the line of the request itself says that the client went away.
      socket.destroy();
      return;
    }
    const refusal = refusalOf(error, requestTimeoutMs);
    log.info({ status: refusal.status, codes: [refusal.code], reason: error.code }, 'broken request');
    sendRawRefusal(socket, refusal);
  });
}

/** Answers with a refusal where there is nothing but the connection, and closes it. */
export function sendRawRefusal(socket: Duplex, refusal: Refusal): void {
  socket.end(rawAnswer(refusal), () => socket.destroy());
}

function refusalOf(error: NodeJS.ErrnoException, requestTimeoutMs: number): Refusal {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Refusal(431, 'LIMIT_EXCEEDED', 'The URL and the headers are too long. Send long queries by POST.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Refusal(
        408,
        'LIMIT_EXCEEDED',
        `The request did not arrive within ${requestTimeoutMs} ms. Send less at once, or raise DAGLOUPE_REQUEST_TIMEOUT_MS.`,
      );
    default:
      return new Refusal(
        400,
        'BAD_REQUEST',
        'This is not HTTP/1.1. Look at the request line, the headers and Content-Length.',
      );
  }
}

function rawAnswer(refusal: Refusal): string {
  const body = JSON.stringify(refusalBody(refusal));
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
