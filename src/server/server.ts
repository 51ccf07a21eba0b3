import type { Server } from 'node:http';
import { isIPv6 } from 'node:net';
import { type Config, isLoopback } from '../config.ts';
import { Fault } from '../errors.ts';
import { createContext } from '../schema/context.ts';
import { execute } from '../schema/execute.ts';
import { schema } from '../schema/index.ts';
import type { Limits } from '../schema/limits.ts';
import { subscribe } from '../schema/subscribe.ts';
import { Feed } from '../store/feed.ts';
import type { Store } from '../store/store.ts';
import { version } from '../version.ts';
import { createGraphQL } from './graphql.ts';
import { createHandler } from './handler.ts';
import { createHttpServer } from './httpServer.ts';
import { createLiveLimits } from './liveLimits.ts';
import type { Logger } from './log.ts';
import { GRAPHQL_PATH } from './paths.ts';
import { loadTrustedDocuments, type TrustedDocuments } from './trustedDocuments.ts';
import { createWebSockets } from './webSockets.ts';

export interface ServerOptions {
  readonly store: Store;
  readonly config: Config;
  readonly logger: Logger;
}

/** A server that listens. */
export interface RunningServer {
  /** Where GraphQL is: `http://127.0.0.1:4000/graphql`. */
  readonly url: string;
  readonly port: number;
  /**
   * Stops: takes no new connections, has live clients come again later, lets running requests finish within `stopTimeoutMs`,
   * then cuts off the rest. The store stays open; its owner closes it afterwards. May be called again, and gives the same promise.
   */
  close(): Promise<void>;
}

/**
 * Starts to answer GraphQL over HTTP about a store.
 *
 * @throws BAD_REQUEST if the address is not to be had, and as `checkServable` does.
 */
export async function startServer({ store, config, logger }: ServerOptions): Promise<RunningServer> {
  const documents = await checkServable(config);
  const limits = limitsOf(config);
  const liveLimits = createLiveLimits(config);
  const feed = new Feed(store);
  const { answer, streams, operations } = createGraphQL({
    schema,
    execute,
    subscribe,
    createContext: (signal) => createContext({ store, feed, version, limits, signal }),
    config,
    limits: liveLimits,
    logger,
  });
  const webSockets = createWebSockets({ operations, documents, config, limits: liveLimits, logger });
  const { server, stop } = createHttpServer(config, logger, {
    request: createHandler({ store, config, logger, documents, answerGraphQL: answer }),
    upgrade: webSockets.upgrade,
  });
  const close = (): Promise<void> => {
    const stopped = stop();
    // Before the feed ends: live clients are to see that the server goes, not that what they follow has ended or failed.
    streams.cut();
    webSockets.close();
    feed.close();
    return stopped;
  };
  const port = await listen(server, config);
  const host = isIPv6(config.host) ? `[${config.host}]` : config.host;
  return { url: `http://${host}:${port}${GRAPHQL_PATH}`, port, close };
}

/**
 * What can be wrong with the settings of a server before there is one. Gives the documents that they name.
 *
 * @throws BAD_REQUEST if the address is open to others and there is no token, or if the documents cannot be used.
 */
export function checkServable(config: Config): Promise<TrustedDocuments> {
  requireTokenBeyondLoopback(config);
  return loadTrustedDocuments(config, schema);
}

function requireTokenBeyondLoopback({ host, token }: Config): void {
  if (isLoopback(host) || token !== null) return;
  throw new Fault(
    'BAD_REQUEST',
    `Others could read and write everything at ${host}: set a token in DAGLOUPE_TOKEN, or listen on 127.0.0.1.`,
  );
}

function limitsOf(config: Config): Limits {
  const { maxDepth, maxComplexity, maxRows, maxPageSize, requestTimeoutMs, maxReadBytes } = config;
  return { maxDepth, maxComplexity, maxRows, maxPageSize, requestTimeoutMs, maxReadBytes };
}

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Something else listens there: stop it, or choose another port (0 picks a free one).',
  EACCES: 'This port takes more rights: choose one above 1023.',
  EADDRNOTAVAIL: 'This machine does not have that address: listen on 127.0.0.1, or on one of its own.',
  ENOTFOUND: 'There is no machine of that name: listen on 127.0.0.1, or on an address of this machine.',
};

/** Gives the port that the server got. */
function listen(server: Server, { host, port }: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const remedy = REMEDIES[error.code ?? ''] ?? error.message;
      reject(new Fault('BAD_REQUEST', `Cannot listen on ${host}, port ${port}. ${remedy}`, { cause: error }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}
