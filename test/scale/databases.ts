import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folder.ts';

/** A place where several servers keep their runs together. */
export interface Database extends AsyncDisposable {
  /** What a server is given to serve. */
  readonly store: string;
}

/** What several servers can share. */
export const DATABASES: readonly { readonly name: string; open(): Promise<Database> }[] = [
  {
    name: 'a SQLite file on one machine',
    async open() {
      const folder = await temporaryFolder();
      return { store: join(folder, 'runs.db'), [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
    },
  },
];
