import { rm } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as consumers from 'node:stream/consumers';
import { type Logger, pino } from 'pino';
import { type Config, loadConfig } from '../../src/config.ts';
import type { RunEvent } from '../../src/model.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryFolder } from '../support/folder.ts';

/** A real server over a real file, on a free port of 127.0.0.1, and what it logged. */
export interface Harness extends AsyncDisposable {
  readonly server: RunningServer;
  readonly store: Store;
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly base: string;
  readonly port: number;
  readonly log: LogLine[];
  /** Sends one operation by POST; a text is sent as it is. */
  ask(body: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly errorId?: string;
}

export interface HarnessOptions {
  readonly config?: Partial<Config>;
  /** Puts something between the server and its store. */
  readonly wrap?: (store: Store) => Store;
}

export async function serveForTest({ config = {}, wrap = (store) => store }: HarnessOptions = {}): Promise<Harness> {
  const folder = await temporaryFolder();
  const store = await openSqliteStore(join(folder, 'runs.db'));
  const { log, logger } = memoryLogger();
  const server = await startServer({ store: wrap(store), config: testConfig(config), logger });
  return {
    server,
    store,
    base: new URL(server.url).origin,
    port: server.port,
    log,
    ask: (body, headers) => post(server.port, body, headers),
    async [Symbol.asyncDispose]() {
      await server.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** The defaults, on a free port, with a short stop. */
export function testConfig(config: Partial<Config> = {}): Config {
  return { ...loadConfig({}), port: 0, stopTimeoutMs: 2_000, ...config };
}

export function memoryLogger(): { readonly log: LogLine[]; readonly logger: Logger } {
  const log: LogLine[] = [];
  return { log, logger: pino({ level: 'trace' }, { write: (line: string) => log.push(JSON.parse(line)) }) };
}

/** A store that does all that another does but for some of its methods. */
export function overriding(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name, target);
      return typeof method === 'function' ? method.bind(target) : method;
    },
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: unknown;
  /** Of all errors, in order. */
  readonly codes: unknown[];
  readonly messages: string[];
}

function answerOf(status: number, headers: Headers, text: string): Answer {
  const isJson = headers.get('content-type')?.includes('json');
  const { data, errors = [] }: Body = isJson ? JSON.parse(text) : {};
  return {
    status,
    headers,
    data,
    codes: errors.map((error) => error.extensions?.code),
    messages: errors.map((error) => error.message),
  };
}

interface Body {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: unknown } }[];
}

/** A run with a node that maps over one sub-run. */
export const NESTED_RUN: readonly RunEvent[] = [
  { type: 'runCreated', runId: 'run-1', dagNsref: 'pipelines:daily', sourceInputsJson: '{}' },
  { type: 'nodeStarted', runId: 'run-1', nodeLabel: 'fan_out', inputJson: '[1]', isSource: true },
  {
    type: 'runCreated',
    runId: 'run-1-0',
    dagNsref: 'pipelines:daily/fan_out[0]',
    sourceInputsJson: '{}',
    parentRunId: 'run-1',
  },
  { type: 'nodeStarted', runId: 'run-1-0', nodeLabel: 'inner_step' },
  { type: 'nodeCompleted', runId: 'run-1-0', nodeLabel: 'inner_step', outputJson: '1' },
  { type: 'runFinished', runId: 'run-1-0', status: 'completed' },
];

export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
}

/** Sends a request with any headers, Host and Origin too, over a connection of its own. */
export function send(
  port: number,
  { method = 'GET', path = '/graphql', headers = {}, body }: RawRequest,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false }, async (response) => {
      const text = await consumers.text(response);
      const headers = new Headers(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
      resolve(answerOf(response.statusCode ?? 0, headers, text));
    });
    request.on('error', reject);
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) request.end(body);
    else Readable.from(body).on('error', reject).pipe(request);
  });
}

function post(port: number, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return send(port, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
