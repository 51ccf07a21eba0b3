/** What runs in a process of its own: a floor behind node:http alone. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerAsked } from '../child.ts';
import type { FileKind } from '../stores/storeFile.ts';
import { openFloor } from './floor.ts';
import { openFloorWriter } from './writer.ts';

export type FloorHandlers = typeof handlers;

const handlers = {
  /** Reads a file. Gives the address. */
  serve({ kind, path }: { readonly kind: FileKind['name']; readonly path: string }): Promise<string> {
    const floor = openFloor(kind, path);
    return listen((body) => floor.answer(JSON.parse(body)));
  },

  /** Makes a file and writes it. Gives the address. */
  serveWrites(path: string): Promise<string> {
    const writer = openFloorWriter(path);
    return listen(async (body) => {
      await writer.write(JSON.parse(body).events);
      return '{"data":{}}';
    });
  },
};

function listen(answer: (body: string) => string | Promise<string>): Promise<string> {
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', async () => {
      const text = await answer(Buffer.concat(chunks).toString());
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      res.end(text);
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve(`http://127.0.0.1:${port}/`);
    });
  });
}

answerAsked(handlers);
