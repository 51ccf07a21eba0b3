import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Gives the function that stops a server: it takes no new connections, lets running requests finish, and cuts off those that
 * take longer than the timeout. To be called before the server has its listener of requests. Stopping twice is stopping once.
 */
export function createStop(server: Server, timeoutMs: number): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  const upgraded = new Set<Duplex>();
  server.on('request', (_req, res) => {
    if (stopped) res.setHeader('connection', 'close');
    // A connection that was busy when the stop began is idle now, and would be kept for a next request.
    res.on('close', () => stopped && setImmediate(() => server.closeIdleConnections()));
  });
  // The server counts these as its connections, and does not close them with the others.
  server.on('upgrade', (_req, socket) => {
    upgraded.add(socket);
    socket.on('close', () => upgraded.delete(socket));
  });
  return () => {
    stopped ??= new Promise((resolve) => {
      const cutOff = setTimeout(() => {
        server.closeAllConnections();
        for (const socket of upgraded) socket.destroy();
      }, timeoutMs);
      server.close(() => {
        clearTimeout(cutOff);
        resolve();
      });
    });
    return stopped;
  };
}
