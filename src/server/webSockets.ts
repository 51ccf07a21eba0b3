/** GraphQL over WebSockets, at the path of the API: who may open one, how many, and how all are closed. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { Config } from '../config.ts';
import { sendRawRefusal } from './brokenRequests.ts';
import { logInternalError } from './internalError.ts';
import type { LiveLimits } from './liveLimits.ts';
import type { Logger } from './log.ts';
import type { Operations } from './operations.ts';
import { GRAPHQL_PATH, pathOf } from './paths.ts';
import { Refusal } from './refusal.ts';
import { createRequestGuard } from './requestGuard.ts';
import type { TrustedDocuments } from './trustedDocuments.ts';
import { serveSocket } from './webSocket.ts';
import { createProtocol } from './webSocketProtocol.ts';

export interface WebSocketOptions {
  readonly operations: Operations;
  readonly documents: TrustedDocuments;
  readonly config: Config;
  readonly limits: LiveLimits;
  readonly logger: Logger;
}

export interface WebSockets {
  /** Answers a request that wants to go on in another protocol than HTTP. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Takes no more, and tells all clients to come again later. */
  close(): void;
}

/** What a client sees when the server stops, as the standard has it: "going away". */
const GOING_AWAY = 1001;

export function createWebSockets({ operations, documents, config, limits, logger }: WebSocketOptions): WebSockets {
  const guard = createRequestGuard(config);
  const protocol = createProtocol({
    operations,
    documents,
    guard,
    limits,
    logger,
    initTimeoutMs: config.requestTimeoutMs,
  });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: config.maxBodyBytes,
    handleProtocols,
  });
  sockets.on('wsClientError', ({ message }, socket) => {
    refuse(socket, new Refusal(400, 'BAD_REQUEST', `This opens no WebSocket: ${message}.`));
  });

  function check(req: IncomingMessage): void {
    guard.checkSource(req);
    if (pathOf(req) !== GRAPHQL_PATH) {
      throw new Refusal(404, 'BAD_REQUEST', `There is no WebSocket here. GraphQL is at ${GRAPHQL_PATH}.`);
    }
    if (!handleProtocols(req.headers['sec-websocket-protocol'] ?? '')) {
      const message = `Offer the subprotocol ${GRAPHQL_TRANSPORT_WS_PROTOCOL}, as clients of the package graphql-ws do.`;
      throw new Refusal(400, 'BAD_REQUEST', message);
    }
  }

  function refuse(socket: Duplex, error: unknown): void {
    const refusal = error instanceof Refusal ? error : new Refusal(500, 'INTERNAL', logInternalError(logger, error));
    logger.info({ status: refusal.status, codes: [refusal.code] }, 'refused WebSocket');
    sendRawRefusal(socket, refusal);
  }

  return {
    upgrade(req, socket, head) {
      socket.on('error', () => socket.destroy());
      try {
        check(req);
        socket.once('close', limits.connections.take(req.socket.remoteAddress));
      } catch (error) {
        return refuse(socket, error);
      }
      sockets.handleUpgrade(req, socket, head, (ws) => {
        const { maxOperationsPerConnection: maxOperations, keepAliveMs } = config;
        serveSocket(ws, req, { protocol, maxOperations, keepAliveMs, logger });
      });
    },
    close() {
      sockets.close();
      for (const ws of sockets.clients) {
        // One that is paused would not see that the client closes too.
        ws.resume();
        ws.close(GOING_AWAY, 'The server stops. Come again later, and go on from your last cursor.');
      }
    },
  };
}
