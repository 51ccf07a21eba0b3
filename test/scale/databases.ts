import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { newDatabase } from '../support/postgres.ts';

/** Where several servers keep their runs together: makes an empty one, which goes with the test, and gives what a server is given. */
export const DATABASES: readonly { readonly name: string; open(): Promise<string> }[] = [
  {
    name: 'a SQLite file on one machine',
    async open() {
      const folder = await temporaryFolder();
      onTestFinished(() => rm(folder, { recursive: true }));
      return join(folder, 'runs.db');
    },
  },
  {
    name: 'PostgreSQL',
    async open() {
      const { url, drop } = await newDatabase();
      onTestFinished(drop);
      return url;
    },
  },
];
