/** A server in a process of its own, over a file of its own, and somebody who writes what it serves. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../child.ts';
import type { Pace } from './pace.ts';
import type { ServerHandlers } from './serverProcess.ts';
import type { JournalMode, WriterHandlers } from './writerProcess.ts';
import { eventsBefore } from './writes.ts';

export interface Site {
  readonly server: Child<ServerHandlers>;
  readonly url: string;
  /** Begins a run, with what it has before the writes that are measured. */
  begin(runId: string): Promise<void>;
  /** Resolves when all is written, with the times of the commits by the numbers of the writes. */
  write(runId: string, pace: Pace): Promise<ReadonlyMap<number, number>>;
  end(): Promise<void>;
}

/** Who writes. */
export interface Writer {
  readonly name: string;
  /** In the server's own store, not in a file of lythonic's. */
  readonly own: boolean;
  open(): Promise<Site>;
}

export const WRITERS = {
  record: { name: 'own, store.record', own: true, open: () => ownSite('record') },
  mutation: { name: 'own, HTTP mutation', own: true, open: () => ownSite('mutation') },
  rollback: { name: 'foreign, rollback journal', own: false, open: () => foreignSite('delete') },
  wal: { name: 'foreign, WAL', own: false, open: () => foreignSite('wal') },
} as const satisfies Record<string, Writer>;

async function ownSite(means: 'record' | 'mutation'): Promise<Site> {
  const { server, writer, path, end } = await processes();
  const url = await server.ask('serve', { path });
  return {
    server,
    url,
    end,
    begin: (runId) => server.ask('record', eventsBefore(runId)),
    async write(runId, pace) {
      if (means === 'record') await server.ask('write', { runId, pace });
      else await writer.ask('mutate', { url, runId, pace });
      return server.ask('commits', undefined);
    },
  };
}

async function foreignSite(mode: JournalMode): Promise<Site> {
  const { server, writer, path, end } = await processes();
  await writer.ask('make', { path, mode });
  const url = await server.ask('serve', { path });
  return {
    server,
    url,
    end,
    begin: (runId) => writer.ask('record', { path, events: eventsBefore(runId) }),
    write: (runId, pace) => writer.ask('write', { path, runId, pace }),
  };
}

async function processes() {
  const folder = await mkdtemp(join(tmpdir(), 'dagloupe-bench-'));
  const server = new Child<ServerHandlers>(new URL('serverProcess.ts', import.meta.url));
  const writer = new Child<WriterHandlers>(new URL('writerProcess.ts', import.meta.url));
  const end = async (): Promise<void> => {
    await server.ask('close', undefined);
    await Promise.all([server.end(), writer.end()]);
    await rm(folder, { recursive: true });
  };
  return { server, writer, path: join(folder, 'runs.db'), end };
}
