import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** Listens on a free port of 127.0.0.1. */
export async function listen(): Promise<Server> {
  const server = createServer({ pauseOnConnect: true });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = await listen();
  const port = portOf(server);
  await once(server.close(), 'close');
  return port;
}

/** Passes on what one says to the other, until either ends. */
export function lead(from: Socket, to: Socket, pass: (chunk: Buffer) => void = (chunk) => to.write(chunk)): void {
  from.on('data', pass);
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
  from.resume();
}
