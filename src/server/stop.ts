import type { Server } from 'node:http';

/**
 * Gives the function that stops a server: it takes no new connections, lets running requests finish, and cuts off those that
 * take longer than the timeout. To be called before the server has its listener of requests. Stopping twice is stopping once.
 */
export function createStop(server: Server, timeoutMs: number): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  server.on('request', (_req, res) => {
    if (stopped) res.setHeader('connection', 'close');
    // A connection that was busy when the stop began is idle now, and would be kept for a next request.
    res.on('close', () => stopped && setImmediate(() => server.closeIdleConnections()));
  });
  return () => {
    stopped ??= new Promise((resolve) => {
      const cutOff = setTimeout(() => server.closeAllConnections(), timeoutMs);
      server.close(() => {
        clearTimeout(cutOff);
        resolve();
      });
    });
    return stopped;
  };
}
