import { builder } from './builder.ts';
import type { Context } from './context.ts';
import type { Limits } from './limits.ts';

const ServerLimitsRef = builder.objectRef<Limits>('ServerLimits').implement({
  description: 'What one request may ask for. Beyond it there is an error with the code LIMIT_EXCEEDED.',
  fields: (t) => ({
    maxDepth: t.exposeInt('maxDepth', { description: 'How many levels fields may nest.' }),
    maxComplexity: t.exposeInt('maxComplexity', {
      description:
        'How many fields a query may select with all fragments spelled out; those inside a page count once for every 50 runs asked for.',
    }),
    maxRows: t.exposeInt('maxRows', {
      description: 'How many runs, nodes, edges and other rows an answer may take from the store.',
    }),
    maxReadBytes: t.exposeFloat('maxReadBytes', {
      description: 'How many bytes of inputs and outputs an answer may take from the store.',
    }),
    maxPageSize: t.exposeInt('maxPageSize', {
      description: 'The largest first and last, and the most ids in one look-up.',
    }),
    requestTimeoutMs: t.exposeInt('requestTimeoutMs', {
      description: 'Milliseconds after which a request reads nothing more.',
    }),
  }),
});

const ServerInfoRef = builder.objectRef<Context>('ServerInfo').implement({
  description: 'What this server is and what it can do.',
  fields: (t) => ({
    version: t.exposeString('version', { description: 'Version of dagloupe.' }),
    backend: t.string({
      description: 'The kind of its store, such as sqlite or lythonic.',
      resolve: ({ store }) => store.kind,
    }),
    location: t.string({
      description: 'Which file or database it shows, without secrets.',
      resolve: ({ store }) => store.location,
    }),
    writable: t.boolean({
      description: 'Whether it records; if not, every mutation gets the error READ_ONLY_STORE.',
      resolve: ({ store }) => store.capabilities.writable,
    }),
    live: t.boolean({ description: 'Whether it tells of changes as they happen.', resolve: () => true }),
    limits: t.expose('limits', { type: ServerLimitsRef, description: 'The limits in force.' }),
  }),
});

builder.queryField('server', (t) =>
  t.field({
    type: ServerInfoRef,
    description: 'What this server is and what it can do.',
    resolve: (_, __, context) => context,
  }),
);
