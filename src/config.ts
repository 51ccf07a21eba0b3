/**
 * The settings of a server: what they are called, what they allow, and where they come from. The only reader of `process.env`.
 *
 * Each setting has one name in three spellings: `maxBodyBytes` here, `DAGLOUPE_MAX_BODY_BYTES` in the environment,
 * `--max-body-bytes` on the command line. A flag wins over the environment, and that over the default.
 */
import { isIP } from 'node:net';
import { Fault } from './errors.ts';

const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const COMPRESS = ['network', 'always', 'never'] as const;

const MiB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

/** One setting, as data: enough to read it, to refuse a bad value, and to describe it in a help text. */
export interface Setting<T> {
  readonly description: string;
  /** Shown in place of the value: `--port <number>`. */
  readonly placeholder: string;
  readonly default: T;
  /** Finishes the sentence "expected ...". */
  readonly allowed: string;
  /** The value that a text stands for, or undefined if it stands for none. */
  readonly parse: (text: string) => T | undefined;
  /** Never show a value of it, not even a wrong one. */
  readonly secret?: boolean;
}

/** All settings, in the order in which a help text lists them. */
export const SETTINGS = {
  host: setting<string>({
    description: 'Address to listen on. Any but a loopback address needs a token.',
    placeholder: 'address',
    default: '127.0.0.1',
    allowed: 'an IP address or a host name without scheme and port',
    parse: parseHost,
  }),
  port: integer('Port to listen on; 0 picks a free one.', 4000, 0, 65_535),
  token: setting<string | null>({
    description: 'Secret that clients send as "Authorization: Bearer ...". Prefer the variable: others can see flags.',
    placeholder: 'text',
    default: null,
    allowed: 'printable ASCII without spaces',
    parse: (text) => (/^[\x21-\x7e]+$/.test(text) ? text : undefined),
    secret: true,
  }),
  allowedHosts: setting<readonly string[]>({
    description: 'Further names under which clients reach the server (their Host header), such as a proxy gives it.',
    placeholder: 'names',
    default: [],
    allowed: 'host names without scheme and port, separated by commas',
    parse: parseHosts,
  }),
  logLevel: oneOf(
    'How much to log, on standard error: from silent, fatal and error to debug and trace.',
    'level',
    LOG_LEVELS,
    'info',
  ),
  compress: oneOf(
    'Which clients get compressed answers: network (those beyond this machine), always (all), never (none).',
    'clients',
    COMPRESS,
    'network',
  ),
  documents: setting<string | null>({
    description:
      'JSON file of GraphQL documents by their ids (persisted queries), which clients may name instead of sending them.',
    placeholder: 'file',
    default: null,
    allowed: 'the path of a file',
    parse: (text) => text || undefined,
  }),
  documentsOnly: setting<boolean>({
    description: 'Whether only those documents are run, and no GraphiQL is shown.',
    placeholder: 'yes|no',
    default: false,
    allowed: 'yes or no',
    parse: parseYesNo,
  }),
  readUrl: databaseUrl(
    'PostgreSQL: a replica to read from; what was just written is still read from the primary server.',
  ),
  listenUrl: databaseUrl(
    'PostgreSQL: a direct way to the primary server, to listen for changes, where the other leads through a pooler.',
  ),
  pooler: setting<boolean>({
    description: 'PostgreSQL: whether the way there leads through a pooler that keeps no prepared statements.',
    placeholder: 'yes|no',
    default: false,
    allowed: 'yes or no',
    parse: parseYesNo,
  }),
  statementTimeoutMs: integer(
    'PostgreSQL: longest time that a statement may take, in milliseconds.',
    15_000,
    1,
    DAY_MS,
  ),
  requestTimeoutMs: integer('Longest time that a request may take, in milliseconds.', 30_000, 1, DAY_MS),
  stopTimeoutMs: integer('How long a stopping server waits for running requests, in milliseconds.', 10_000, 0, DAY_MS),
  maxBodyBytes: integer('Largest body of a request, in bytes.', 32 * MiB, 1024, 256 * MiB),
  maxPayloadBytes: integer('Largest input or output that is recorded, in bytes.', 16 * MiB, 1, 256 * MiB),
  maxTokens: integer('Longest GraphQL document, in tokens.', 5_000, 100, 100_000),
  maxDepth: integer('How deep the fields of a query may nest.', 25, 1, 1_000),
  maxComplexity: integer('Cost of a query: one for each field, more for large pages.', 2_000, 1, 1_000_000),
  maxRows: integer('Rows that one request may read from the store.', 50_000, 1, 10_000_000),
  maxReadBytes: integer('Inputs and outputs that one request may read, in bytes.', 128 * MiB, 1, 256 * MiB),
  maxPageSize: integer('Largest page of a list.', 1_000, 1, 100_000),
  keepAliveMs: integer(
    'How often a live connection without news gets a sign of life, in milliseconds.',
    12_000,
    10,
    DAY_MS,
  ),
  maxConnectionsPerAddress: integer(
    'Live connections from one address; all that come through one proxy count together.',
    1_000,
    1,
    1_000_000,
  ),
  maxOperationsPerConnection: integer('Operations that one WebSocket may have running at once.', 100, 1, 1_000_000),
  maxSubscriptions: integer('Subscriptions in all.', 10_000, 1, 1_000_000),
} as const;

export type SettingName = keyof typeof SETTINGS;

/** What the settings are. Lengths of time are in milliseconds and sizes in bytes, as their names say. */
export type Config = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer T> ? T : never;
};

/**
 * Reads the settings. Both sources give texts and pass the same checks; an empty variable counts as absent.
 *
 * @param env The environment to read from.
 * @param overrides Values of command line flags.
 * @throws BAD_REQUEST, naming the variable or flag, its value, and what is allowed.
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
  overrides: { readonly [Name in SettingName]?: string | undefined } = {},
): Config {
  function read<T>(name: SettingName, setting: Setting<T>): T {
    const flag = overrides[name];
    if (flag !== undefined) return parse(flagName(name), flag, setting);
    const variable = env[envName(name)];
    return variable ? parse(envName(name), variable, setting) : setting.default;
  }
  return {
    host: read('host', SETTINGS.host),
    port: read('port', SETTINGS.port),
    token: read('token', SETTINGS.token),
    allowedHosts: read('allowedHosts', SETTINGS.allowedHosts),
    logLevel: read('logLevel', SETTINGS.logLevel),
    compress: read('compress', SETTINGS.compress),
    documents: read('documents', SETTINGS.documents),
    documentsOnly: read('documentsOnly', SETTINGS.documentsOnly),
    readUrl: read('readUrl', SETTINGS.readUrl),
    listenUrl: read('listenUrl', SETTINGS.listenUrl),
    pooler: read('pooler', SETTINGS.pooler),
    statementTimeoutMs: read('statementTimeoutMs', SETTINGS.statementTimeoutMs),
    requestTimeoutMs: read('requestTimeoutMs', SETTINGS.requestTimeoutMs),
    stopTimeoutMs: read('stopTimeoutMs', SETTINGS.stopTimeoutMs),
    maxBodyBytes: read('maxBodyBytes', SETTINGS.maxBodyBytes),
    maxPayloadBytes: read('maxPayloadBytes', SETTINGS.maxPayloadBytes),
    maxTokens: read('maxTokens', SETTINGS.maxTokens),
    maxDepth: read('maxDepth', SETTINGS.maxDepth),
    maxComplexity: read('maxComplexity', SETTINGS.maxComplexity),
    maxRows: read('maxRows', SETTINGS.maxRows),
    maxReadBytes: read('maxReadBytes', SETTINGS.maxReadBytes),
    maxPageSize: read('maxPageSize', SETTINGS.maxPageSize),
    keepAliveMs: read('keepAliveMs', SETTINGS.keepAliveMs),
    maxConnectionsPerAddress: read('maxConnectionsPerAddress', SETTINGS.maxConnectionsPerAddress),
    maxOperationsPerConnection: read('maxOperationsPerConnection', SETTINGS.maxOperationsPerConnection),
    maxSubscriptions: read('maxSubscriptions', SETTINGS.maxSubscriptions),
  };
}

/** The variables that are named like settings, but are none: misspelt, as a rule. */
export function strangeVariables(env: Readonly<Record<string, string | undefined>> = process.env): string[] {
  const known = new Set(Object.keys(SETTINGS).map((name) => envName(name as SettingName)));
  return Object.keys(env).filter((name) => name.startsWith(PREFIX) && !known.has(name));
}

const PREFIX = 'DAGLOUPE_';

/** The variable that holds a setting: `DAGLOUPE_MAX_BODY_BYTES`. */
export function envName(name: SettingName): string {
  return PREFIX + words(name).join('_').toUpperCase();
}

/** The flag that holds a setting: `--max-body-bytes`. */
export function flagName(name: SettingName): string {
  return `--${words(name).join('-')}`;
}

/** Whether an address can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function words(name: string): string[] {
  return name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
}

function parse<T>(source: string, text: string, setting: Setting<T>): T {
  const value = setting.parse(text);
  if (value !== undefined) return value;
  const shown = setting.secret ? 'has a value that is not allowed' : `is ${JSON.stringify(text)}`;
  throw new Fault('BAD_REQUEST', `${source} ${shown}: expected ${setting.allowed}.`);
}

function setting<T>(it: Setting<T>): Setting<T> {
  return it;
}

function oneOf<const Word extends string>(
  description: string,
  placeholder: string,
  words: readonly Word[],
  byDefault: Word,
): Setting<Word> {
  return {
    description,
    placeholder,
    default: byDefault,
    allowed: `one of ${words.join(', ')}`,
    parse: (text) => words.find((word) => word === text),
  };
}

function integer(description: string, byDefault: number, least: number, most: number): Setting<number> {
  return {
    description,
    placeholder: 'number',
    default: byDefault,
    allowed: `a whole number from ${least} to ${most}`,
    parse(text) {
      const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      return value >= least && value <= most ? value : undefined;
    },
  };
}

function databaseUrl(description: string): Setting<string | null> {
  return {
    description,
    placeholder: 'url',
    default: null,
    allowed: 'a URL such as postgres://user@host:5432/database',
    parse: (text) => (/^postgres(ql)?:\/\//i.test(text) ? text : undefined),
    secret: true,
  };
}

function parseYesNo(text: string): boolean | undefined {
  if (/^(yes|true|1)$/i.test(text)) return true;
  return /^(no|false|0)$/i.test(text) ? false : undefined;
}

const HOST_NAME = /^(?=.{1,253}$)[a-z\d]([a-z\d_-]{0,62})(\.[a-z\d_-]{1,63})*\.?$/i;

/** IPv6 addresses are taken with and without brackets, and kept without. */
function parseHost(text: string): string | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) !== 0 || HOST_NAME.test(text) ? bare.toLowerCase() : undefined;
}

function parseHosts(text: string): string[] | undefined {
  const hosts: string[] = [];
  for (const part of text.split(',')) {
    const host = parseHost(part.trim());
    if (host === undefined) return undefined;
    hosts.push(host);
  }
  return hosts;
}
