/** One WebSocket: brings messages into the protocol and out of it, at the pace of its client, and notices when that is gone. */
import type { IncomingMessage } from 'node:http';
import { CloseCode, type Server } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { envName } from '../config.ts';
import { checkShape } from './bodyShape.ts';
import { logInternalError } from './internalError.ts';
import type { Logger } from './log.ts';
import { Quota } from './quota.ts';
import { Refusal } from './refusal.ts';

/** What the protocol is told about the client of a socket. */
export interface SocketClient {
  readonly req: IncomingMessage;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** To be called once the client has shown that it may ask. */
  readonly admit: () => void;
  /** For operations that run at once. */
  readonly places: Quota;
}

export interface SocketOptions {
  readonly protocol: Server<SocketClient>;
  readonly maxOperations: number;
  /** How often a client is asked for a sign of life, in milliseconds. One that gives none until the next time is cut off. */
  readonly keepAliveMs: number;
  readonly logger: Logger;
}

/** A client that lets more than this lie unread is not listened to until it reads. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** What a client may send before it has shown that it may ask. */
const MAX_STRANGER_BYTES = 64 * 1024;

const FULL = `Too many operations run on this connection. Let some end, or raise ${envName('maxOperationsPerConnection')}.`;

/** Serves a client until it is gone. */
export function serveSocket(ws: WebSocket, req: IncomingMessage, options: SocketOptions): void {
  const { protocol, maxOperations, keepAliveMs, logger } = options;
  const start = performance.now();
  const gone = new AbortController();

  async function receive(data: unknown, isBinary: boolean, handle: (text: string) => Promise<void>): Promise<void> {
    try {
      if (isBinary || !Buffer.isBuffer(data)) throw new Refusal(400, 'BAD_REQUEST', 'Send text, not binary data.');
      checkShape(data);
      await handle(data.toString());
    } catch (error) {
      const { code, reason } = closeFor(error, logger);
      ws.close(code, reason);
    }
  }

  const closed = protocol.opened(
    {
      protocol: ws.protocol,
      send: (text) => send(ws, text),
      close: (code, reason) => ws.close(code, reason),
      onMessage: (handle) => ws.on('message', (data, isBinary) => receive(data, isBinary, handle)),
    },
    { req, signal: gone.signal, admit: boundStranger(ws, req), places: new Quota(maxOperations, FULL) },
  );
  keepAlive(ws, keepAliveMs);
  ws.on('error', (error) => logger.info({ reason: error.message }, 'broken WebSocket'));
  ws.on('close', (code, reason) => {
    gone.abort();
    closed(code, String(reason)).catch((error: unknown) => logInternalError(logger, error));
    logger.info({ code, reason: String(reason), ms: Math.round(performance.now() - start) }, 'WebSocket closed');
  });
}

/** Resolves when the message is on its way, or never will be: what comes next is not asked for before. */
function send(ws: WebSocket, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (ws.readyState !== ws.OPEN) return resolve();
    ws.send(text, () => {
      if (ws.isPaused && ws.bufferedAmount <= MAX_UNREAD_BYTES) ws.resume();
      resolve();
    });
    if (ws.bufferedAmount > MAX_UNREAD_BYTES) ws.pause();
  });
}

/** Cuts off a client that sends much before it is admitted. Gives the function that admits it. */
function boundStranger(ws: WebSocket, { socket }: IncomingMessage): () => void {
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > MAX_STRANGER_BYTES) ws.terminate();
  };
  socket.on('data', count);
  return () => socket.off('data', count);
}

function keepAlive(ws: WebSocket, everyMs: number): void {
  let isHeard = true;
  const hear = (): void => {
    isHeard = true;
  };
  const timer = setInterval(() => {
    // What it has not taken yet would keep a ping from it: it is slow, or TCP will find out.
    if (ws.bufferedAmount > 0) return;
    if (!isHeard) return ws.terminate();
    isHeard = false;
    ws.ping();
  }, everyMs);
  ws.on('pong', hear);
  ws.on('message', hear);
  ws.on('close', () => clearInterval(timer));
}

/** A frame that closes has room for this much text. */
const MAX_REASON = 123;

function closeFor(error: unknown, logger: Logger): { code: number; reason: string } {
  // graphql-ws tells by the message alone that a client sends what only servers do.
  if (error instanceof Error && error.message.startsWith('Unexpected message of type')) {
    return { code: CloseCode.BadRequest, reason: error.message.slice(0, MAX_REASON) };
  }
  if (!(error instanceof Refusal)) {
    return { code: CloseCode.InternalServerError, reason: logInternalError(logger, error).slice(0, MAX_REASON) };
  }
  const code = error.code === 'UNAUTHENTICATED' ? CloseCode.Unauthorized : CloseCode.BadRequest;
  return { code, reason: `${error.code}: ${error.message}`.slice(0, MAX_REASON) };
}
