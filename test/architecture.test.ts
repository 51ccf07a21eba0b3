/** Imports go one way, and what is foreign has one home. This page is the rule; ARCHITECTURE.md says why. */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';

const WORDS = ['model', 'errors', 'time', 'json', 'expansionKey'];
const SETTINGS = ['config', 'version'];

/** What the files of each area of src may import, besides their own area. */
const AREAS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  errors: ['model'],
  time: [],
  json: [],
  expansionKey: [],
  version: [],
  config: ['errors'],
  store: WORDS,
  schema: [...WORDS, 'store'],
  server: [...WORDS, ...SETTINGS, 'store', 'schema'],
  client: WORDS,
  commands: [...WORDS, ...SETTINGS, 'store', 'schema', 'server', 'client'],
  cli: ['commands', 'version'],
  index: [...WORDS, ...SETTINGS, 'store', 'schema', 'server', 'client'],
};

/** Where each package may be imported. One that is not listed has no home yet. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'better-sqlite3': ['store/embedded'],
  pg: ['store/postgres'],
  '@pothos/core': ['schema'],
  '@pothos/plugin-complexity': ['schema'],
  dataloader: ['schema'],
  'graphql-yoga': ['server'],
  'graphql-ws': ['server'],
  ws: ['server'],
  '@graphql-yoga/render-graphiql': ['server'],
  pino: ['server'],
  'pino-pretty': ['server'],
  commander: ['commands'],
  graphql: ['schema', 'server', 'commands'],
  '@graphql-typed-document-node/core': ['client/gql'],
};

/** Parts of the store that only some may know: back ends know nothing of each other, and nobody outside knows which there are. */
const PRIVATE: Readonly<Record<string, readonly string[]>> = {
  'store/sqlite': ['store/open.ts'],
  'store/lythonic': ['store/open.ts'],
  'store/postgres': ['store/open.ts'],
  'store/embedded': ['store/sqlite', 'store/lythonic', 'store/open.ts'],
  'store/ledger': ['store/sqlite', 'store/postgres', 'store/open.ts', 'store/transfer.ts', 'store/copy'],
};

describe('the source', () => {
  it('keeps to the architecture', () => {
    expect(violations(sources())).toEqual([]);
  });

  it('has every area that the rules name', () => {
    const present = new Set(Object.keys(sources()).map(areaOf));
    expect([...present].sort()).toEqual(Object.keys(AREAS).sort());
  });
});

describe('a server over a file', () => {
  it('is there before what it may never need is loaded', () => {
    const loaded = loadedWith('commands/serving.ts', sources());
    expect(loaded).toEqual(expect.arrayContaining(['graphql', 'better-sqlite3']));
    expect(loaded).not.toContain('graphql-yoga');
    expect(loaded).not.toContain('@graphql-yoga/render-graphiql');
    expect(loaded).not.toContain('pg');
  });
});

describe('the check', () => {
  it.each<[string, Record<string, string>, string]>([
    [
      'an import against the order',
      { 'store/store.ts': "import { a } from '../schema/builder.ts';" },
      'store/store.ts may not import schema/builder.ts',
    ],
    [
      'a type import against the order',
      { 'model.ts': "import type { Fault } from './errors.ts';" },
      'model.ts may not import errors.ts',
    ],
    [
      'an import over many lines',
      { 'schema/a.ts': "import {\n  a,\n  b,\n} from '../server/server.ts';" },
      'schema/a.ts may not import server/server.ts',
    ],
    [
      'an export from elsewhere',
      { 'client/a.ts': "export * from '../store/store.ts';" },
      'client/a.ts may not import store/store.ts',
    ],
    [
      'an import for its effect',
      { 'server/a.ts': "import '../commands/main.ts';" },
      'server/a.ts may not import commands/main.ts',
    ],
    [
      'a dynamic import',
      { 'server/a.ts': "const { main } = await import('../commands/main.ts');" },
      'server/a.ts may not import commands/main.ts',
    ],
    [
      'a required file',
      { 'server/a.ts': "require('../commands/main.ts');" },
      'server/a.ts may not import commands/main.ts',
    ],
    [
      'a back end that knows another',
      { 'store/lythonic/a.ts': "import { a } from '../sqlite/events.ts';" },
      'store/lythonic/a.ts may not import store/sqlite/events.ts',
    ],
    [
      'a schema that knows a back end',
      { 'schema/a.ts': "import { a } from '../store/sqlite/store.ts';" },
      'schema/a.ts may not import store/sqlite/store.ts',
    ],
    [
      'a schema that reads settings',
      { 'schema/a.ts': "import { a } from '../config.ts';" },
      'schema/a.ts may not import config.ts',
    ],
    [
      'a package away from its home',
      { 'store/sqlite/a.ts': "import Database from 'better-sqlite3';" },
      'store/sqlite/a.ts may not import better-sqlite3',
    ],
    [
      'a part of a package away from its home',
      { 'schema/a.ts': "import 'graphql-yoga/sub/path.js';" },
      'schema/a.ts may not import graphql-yoga',
    ],
    ['a package without a home', { 'server/a.ts': "import { z } from 'zod';" }, 'server/a.ts may not import zod'],
    [
      'a file outside src',
      { 'store/a.ts': "import { a } from '../../test/a.ts';" },
      'store/a.ts may not import ../test/a.ts',
    ],
    [
      'anything that model imports',
      { 'model.ts': "import { types } from 'node:util';" },
      'model.ts may not import node:util',
    ],
    [
      'the environment read elsewhere',
      { 'server/a.ts': 'const home = process.env.HOME;' },
      'server/a.ts may not read process.env',
    ],
    [
      'the environment read by another name',
      { 'server/a.ts': "import { env } from 'node:process';" },
      'server/a.ts may not read process.env',
    ],
    ['an area without a rule', { 'helpers/a.ts': '' }, 'helpers/a.ts is in no area that the rules name'],
  ])('finds %s', (_, files, violation) => {
    expect(violations(files)).toEqual([violation]);
  });

  it('lets pass what is allowed', () => {
    const files = {
      'model.ts': 'export type A = 1;',
      'errors.ts': "import type { A } from './model.ts';",
      'config.ts': "import { a } from './errors.ts';\nprocess.env.PORT;",
      'store/sqlite/a.ts':
        "import type { A } from '../../model.ts';\nimport { a } from '../embedded/a.ts';\nimport { b } from './b.ts';",
      'store/embedded/a.ts': "import Database from 'better-sqlite3';\nimport { join } from 'node:path';",
      'schema/a.ts':
        "// process.env is read in config.ts, never by an import from '../config.ts'\nimport type { Store } from '../store/store.ts';",
      'cli.ts': "await import('./commands/main.ts');",
    };
    expect(violations(files)).toEqual([]);
  });
});

/** What is wrong in files, given as their source by their path in src. */
function violations(files: Readonly<Record<string, string>>): string[] {
  return Object.entries(files).flatMap(([path, source]) => {
    const code = withoutComments(source);
    if (!AREAS[areaOf(path)]) return [`${path} is in no area that the rules name`];
    const forbidden = importsOf(code).filter((specifier) => !mayImport(path, specifier));
    const found = forbidden.map((specifier) => `${path} may not import ${named(path, specifier)}`);
    const readsEnvironment = /\bprocess\s*\??\.\s*env\b|\benv\b[^;]*from 'node:process'/.test(code);
    return readsEnvironment && path !== 'config.ts' ? [...found, `${path} may not read process.env`] : found;
  });
}

function mayImport(path: string, specifier: string): boolean {
  if (specifier.startsWith('node:')) return path !== 'model.ts';
  const target = named(path, specifier);
  if (!specifier.startsWith('.')) return isWithin(path, PACKAGES[target] ?? []);
  const from = areaOf(path);
  const to = areaOf(target);
  if (from !== to && !AREAS[from]?.includes(to)) return false;
  return Object.entries(PRIVATE).every(
    ([part, friends]) => !isWithin(target, [part]) || isWithin(path, [part, ...friends]),
  );
}

/** The first folder of a path in src, or the name of a file that is in none. */
function areaOf(path: string): string {
  return path.split('/')[0]?.replace(/\.ts$/, '') ?? '';
}

function isWithin(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || path.startsWith(`${place}/`));
}

/** A file's path in src, or the name of a package. */
function named(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier);
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function importsOf(code: string): string[] {
  const whole = code.matchAll(/^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm);
  const bare = code.matchAll(/^\s*import\s*['"]([^'"]+)['"]/gm);
  const dynamic = code.matchAll(/\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g);
  return [...whole, ...bare, ...dynamic].map((match) => match[1] ?? '');
}

/** The files and packages that are loaded with a file: what it imports for more than types, and so on. */
function loadedWith(file: string, files: Readonly<Record<string, string>>): string[] {
  const loaded = new Set([file]);
  for (const path of loaded) {
    const imports = (files[path] ?? '').matchAll(/^(?:import|export)\b(?! type\b)[^'"`;]*?\bfrom\s*'([^']+)'/gm);
    for (const [, specifier = ''] of imports) loaded.add(named(path, specifier));
  }
  return [...loaded];
}

/** Without the lines that are comments as a whole. */
function withoutComments(source: string): string {
  return source
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/|\/\*|\*)/.test(line))
    .join('\n');
}

function sources(): Record<string, string> {
  const root = new URL('../src/', import.meta.url);
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(new URL(path, root), 'utf8')]));
}
