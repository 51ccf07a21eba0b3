/** What runs in a process of its own: hand-written code over `pg` behind node:http alone. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { answerAsked } from '../child.ts';
import type { FloorCall } from '../floor/floor.ts';
import { RUN_COLUMNS, type RunRow, shownRun } from '../floor/rows.ts';
import type { BareStart } from '../floor/writer.ts';
import { readTree } from './floorTree.ts';
import { CHANNEL, makeTables, writeStarts } from './floorWrites.ts';

export type PostgresFloorHandlers = typeof handlers;

/** What is sent to its address. */
export type PostgresFloorCall =
  | Extract<FloorCall, { what: 'tree' | 'list' }>
  | { readonly what: 'starts'; readonly events: readonly BareStart[]; readonly tells?: boolean };

const handlers = {
  /** Reads and writes a database. Gives the address; a GET follows what others wrote. */
  async serve(url: string): Promise<string> {
    const pool = new pg.Pool({ connectionString: url });
    await makeTables(pool);
    const server = createServer((req, res) => {
      if (req.method === 'GET') return void follow(url, res);
      const chunks: Buffer[] = [];
      req.on('data', (chunk: Buffer) => chunks.push(chunk));
      req.on('end', async () => {
        const text = JSON.stringify({ data: await answer(pool, JSON.parse(Buffer.concat(chunks).toString())) });
        res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
        res.end(text);
      });
    });
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
    });
  },
};

async function answer(pool: pg.Pool, call: PostgresFloorCall): Promise<object> {
  if (call.what === 'tree') return { dagRun: await readTree(pool, call) };
  if (call.what === 'list') return { dagRuns: { nodes: (await readList(pool, call)).map(shownRun) } };
  await writeStarts(pool, call.events, call.tells ?? false);
  return {};
}

async function readList(pool: pg.Pool, { where, size }: Extract<FloorCall, { what: 'list' }>): Promise<RunRow[]> {
  const [condition = 'true'] = where;
  const text = `SELECT ${RUN_COLUMNS} FROM dag_runs WHERE ${condition} ORDER BY started_at DESC, run_id DESC LIMIT $1`;
  return (await pool.query<RunRow>({ name: `list ${condition}`.slice(0, 60), text, values: [size] })).rows;
}

/** Passes on what is notified, as server-sent events. */
async function follow(url: string, res: ServerResponse): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  client.on('notification', ({ payload = '' }) => res.write(`event: next\ndata: ${payload}\n\n`));
  await client.query(`LISTEN ${CHANNEL}`);
  res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  res.on('close', () => void client.end());
}

answerAsked(handlers);
