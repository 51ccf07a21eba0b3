import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { GraphQLInt, GraphQLObjectType, GraphQLScalarType, GraphQLSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGraphQL } from '../../src/server/graphql.ts';
import { createHandler } from '../../src/server/handler.ts';
import { createHttpServer } from '../../src/server/httpServer.ts';
import { createLiveLimits } from '../../src/server/liveLimits.ts';
import { TrustedDocuments } from '../../src/server/trustedDocuments.ts';
import { type LogLine, memoryLogger, serveForTest, testConfig } from './harness.ts';

async function* ticks(): AsyncGenerator<{ tick: number }> {
  for (let tick = 0; tick < 16; tick++) {
    yield { tick };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function refuseThree({ tick }: { tick: number }): number {
  if (tick === 3) throw new TypeError('the password is swordfish');
  return tick;
}

/** A number, one of which cannot be said in JSON. */
const Unspeakable = new GraphQLScalarType({ name: 'Unspeakable', serialize: (tick) => (tick === 2 ? 2n : tick) });

/** The plainest thing that lasts: a number every 50 ms, and one that cannot be had. */
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { tick: { type: GraphQLInt } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      tick: { type: GraphQLInt, subscribe: ticks, resolve: refuseThree },
      unspeakable: { type: Unspeakable, subscribe: ticks, resolve: refuseThree },
    },
  }),
});

/** All that a server which gives requests 400 ms sends to a subscriber, and what it logs. */
async function subscribe(query = 'subscription { tick }'): Promise<{ events: string; log: LogLine[] }> {
  await using harness = await serveForTest();
  const { log, logger } = memoryLogger();
  const config = testConfig({ requestTimeoutMs: 400 });
  const limits = createLiveLimits(config);
  const { answer } = createGraphQL({ schema, createContext: () => ({}), config, limits, logger });
  const documents = new TrustedDocuments(new Map(), false);
  const request = createHandler({ store: harness.store, config, logger, documents, answerGraphQL: answer });
  const { server, stop } = createHttpServer(config, logger, { request, upgrade: (_req, socket) => socket.destroy() });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query }),
  });
  const events = await response.text().catch((error: unknown) => `broken off: ${error}`);
  await stop();
  return { events, log };
}

describe('An answer that lasts', () => {
  it('may last longer than a request may take', async () => {
    const { events } = await subscribe();
    expect(events).toContain('data: {"data":{"tick":15}}');
    expect(events).toContain('event: complete');
  });

  it('hides what is not meant for clients in each of its parts', async () => {
    const { events, log } = await subscribe();
    expect(events).not.toContain('swordfish');
    expect(events).toContain('"code":"INTERNAL"');
    expect(log.filter((line) => line.errorId && events.includes(line.errorId))).toHaveLength(1);
  });
  it('breaks off where it cannot be written, and the log says why', async () => {
    const { events, log } = await subscribe('subscription { unspeakable }');
    expect(events).toContain('broken off');
    expect(log).toMatchObject([{ errorId: expect.any(String) }, { msg: 'request', codes: ['INTERNAL'] }]);
  });
});
