import { closeSync, openSync, writeSync } from 'node:fs';
import { Connection } from '../../src/store/embedded/connection.ts';

/** A page of a SQLite file: what it belongs to, and as what. */
export interface Page {
  readonly name: string;
  readonly pageno: number;
  readonly pagetype: 'internal' | 'leaf' | 'overflow';
}

/** Overwrites pages of a closed SQLite file with zeros, and gives their number. */
export function damage(path: string, isHit: (page: Page) => boolean): number {
  const db = new Connection(path);
  const pages = db.all<Page>('SELECT name, pageno, pagetype FROM dbstat').filter(isHit);
  const size = Number(db.pragma('page_size'));
  // As the last one to close, it leaves all in the file itself and nothing in a log beside it.
  db.close();
  const file = openSync(path, 'r+');
  for (const { pageno } of pages) writeSync(file, Buffer.alloc(size), 0, size, (pageno - 1) * size);
  closeSync(file);
  return pages.length;
}
