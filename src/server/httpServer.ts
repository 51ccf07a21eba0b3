import { createServer, type RequestListener, type Server } from 'node:http';
import type { Config } from '../config.ts';
import { answerBrokenRequests } from './brokenRequests.ts';
import type { Logger } from './log.ts';
import { createStop } from './stop.ts';

/** Node's server with the limits of ours, not yet listening, and what stops it. */
export interface HttpServer {
  readonly server: Server;
  readonly stop: () => Promise<void>;
}

/** Bounds how long a request takes to arrive. An answer may last: live ones do. */
export function createHttpServer(config: Config, logger: Logger, handler: RequestListener): HttpServer {
  const { requestTimeoutMs, stopTimeoutMs } = config;
  const server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, Math.ceil(requestTimeoutMs / 4)),
    // The guard of requests looks at the Host header, and says more than an empty answer.
    requireHostHeader: false,
  });
  const stop = createStop(server, stopTimeoutMs);
  answerBrokenRequests(server, config, logger);
  server.on('request', handler);
  return { server, stop };
}
