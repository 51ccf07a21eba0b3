/** What runs in a process of its own: a floor behind node:http alone. */
import { answerAsked } from '../child.ts';
import type { FileKind } from '../stores/storeFile.ts';
import { openFloor } from './floor.ts';
import { listen } from './http.ts';
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

answerAsked(handlers);
