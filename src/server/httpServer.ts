import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Config } from '../config.ts';
import { answerBrokenRequests } from './brokenRequests.ts';
import type { Logger } from './log.ts';
import { createStop } from './stop.ts';

/** Node's server with the limits of ours, not yet listening, and what stops it. */
export interface HttpServer {
  readonly server: Server;
  readonly stop: () => Promise<void>;
}

export interface HttpListeners {
  readonly request: RequestListener;
  /** Takes requests to go on as a WebSocket. */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** Bounds how long a request takes to arrive. An answer may last: live ones do. */
export function createHttpServer(config: Config, logger: Logger, { request, upgrade }: HttpListeners): HttpServer {
  const { requestTimeoutMs, stopTimeoutMs } = config;
  const server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, Math.ceil(requestTimeoutMs / 4)),
    // The guard of requests looks at the Host header, and says more than an empty answer.
    requireHostHeader: false,
    // Some clients offer HTTP/2 with every request: they are answered in HTTP/1.1, as if they had not.
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
  });
  const stop = createStop(server, stopTimeoutMs);
  answerBrokenRequests(server, config, logger);
  server.on('request', request);
  server.on('upgrade', upgrade);
  return { server, stop };
}
