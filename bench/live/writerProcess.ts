/** What runs in a process of its own: a writer, into a file as lythonic writes it or through the API of a server. */
import { Agent, request } from 'node:http';
import Database from 'better-sqlite3';
import type { RunEvent } from '../../src/model.ts';
import { LythonicWriter } from '../../test/support/lythonicWriter.ts';
import { answerAsked } from '../child.ts';
import { clock } from './clock.ts';
import { keepPace, type Pace } from './pace.ts';
import { writeOf } from './writes.ts';

export type WriterHandlers = typeof handlers;

export type JournalMode = 'delete' | 'wal';

const handlers = {
  /** Makes a file of lythonic's. Its own mode is `delete`, a rollback journal; other tools turn such a file to WAL. */
  make({ path, mode }: { readonly path: string; readonly mode: JournalMode }): void {
    commit(path, []);
    const db = new Database(path);
    db.pragma(`journal_mode = ${mode}`);
    db.close();
  },

  record({ path, events }: { readonly path: string; readonly events: readonly RunEvent[] }): void {
    commit(path, events);
  },

  /** Each write is a commit of its own connection. Gives when they were committed, by their numbers. */
  async write({
    path,
    runId,
    pace,
  }: {
    path: string;
    runId: string;
    pace: Pace;
  }): Promise<ReadonlyMap<number, number>> {
    const commits = new Map<number, number>();
    await keepPace(pace, (number) => {
      commit(path, [writeOf(runId, number)]);
      commits.set(number, clock());
    });
    return commits;
  },

  /** One mutation after the other; what is due while one is on its way goes together in the next, as a recorder would send it. */
  async mutate({ url, runId, pace }: { url: string; runId: string; pace: Pace }): Promise<void> {
    let due: RunEvent[] = [];
    let sent = Promise.resolve();
    await keepPace(pace, (number) => {
      due.push(writeOf(runId, number));
      if (due.length > 1) return sent;
      sent = sent.then(() => {
        const events = due;
        due = [];
        return mutate(url, events);
      });
      return sent;
    });
  },
};

function commit(path: string, events: readonly RunEvent[]): void {
  const writer = new LythonicWriter(path);
  writer.writeAll(events);
  writer.close();
}

const MUTATION = `
  mutation Record($events: [RunEventInput!]!) { recordEvents(input: { events: $events }) { userErrors { message } } }`;

const agent = new Agent({ keepAlive: true });

function mutate(url: string, events: readonly RunEvent[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = { 'content-type': 'application/json' };
  const asked = request(url, { method: 'POST', headers, agent }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('end', () => {
      if (text.includes('"userErrors":[]')) resolve();
      else reject(new Error(text));
    });
  });
  asked.on('error', reject);
  const variables = { events: events.map(({ type, ...input }) => ({ [type]: input })) };
  asked.end(JSON.stringify({ query: MUTATION, variables }));
  return promise;
}

answerAsked(handlers);
