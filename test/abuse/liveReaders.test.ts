import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Harness } from '../server/harness.ts';
import { eventually, FOLLOW, Following, serveRun, TRANSPORTS, watched } from '../server/live.ts';
import { RawSocket } from '../server/rawSocket.ts';
import { completed, finished, started } from '../support/events.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const MiB = 1024 * 1024;

/** Bytes that this process, server and clients, cannot do without. */
async function memory(): Promise<number> {
  // What was let go of is freed in rounds.
  for (let round = 0; round < 4; round++) {
    await setTimeout(10);
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const FOLLOW_ALL = `subscription {
  dagRunChanges(runId: "run") { changedNodes { nodeLabel status io { outputJson } } }
}`;

/** Follows everything, and reads only when it is told to. Then it gives all that it is sent until the end. */
interface Reader {
  read(): Promise<string>;
  /** Is gone, without a word. */
  vanish(): void;
}

async function streamReader({ port }: Harness): Promise<Reader> {
  const body = JSON.stringify({ query: FOLLOW_ALL });
  const head = [
    'POST /graphql HTTP/1.1',
    'host: localhost',
    'accept: text/event-stream',
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
  ];
  const socket = connect(port, '127.0.0.1').pause();
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  return {
    async read() {
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    },
    vanish: () => socket.destroy(),
  };
}

async function socketReader({ port }: Harness): Promise<Reader> {
  const socket = await RawSocket.admitted(port);
  socket.subscribe('1', FOLLOW_ALL);
  socket.ws.pause();
  return {
    async read() {
      socket.ws.resume();
      await eventually(() => expect(socket.about('1').at(-1)).toBe('complete'));
      socket.ws.close();
      return socket.received.map((message) => `event: ${JSON.stringify(message)}`).join('\n');
    },
    vanish: () => socket.ws.terminate(),
  };
}

describe.each([
  ['an event stream', streamReader],
  ['a WebSocket', socketReader],
])('A client that does not read %s', (_, openReader) => {
  it('makes nothing pile up, and gets newer states in fewer events when it reads again', async () => {
    const { wrap, listening } = watched();
    await using harness = await serveRun({ wrap });
    const reader = await openReader(harness);
    await eventually(() => expect(listening()).toBe(1));
    const before = await memory();

    const outputJson = JSON.stringify('x'.repeat(MiB / 2));
    const labels = Array.from({ length: 100 }, (_, index) => `n${index}`);
    for (const label of labels) {
      await harness.store.record([started('run', label), completed('run', label, { outputJson })]);
    }
    expect((await memory()) - before).toBeLessThan(8 * MiB);

    await harness.store.record([finished('run')]);
    const read = await reader.read();
    expect(read.match(/event: .*(next|"next")/g)?.length).toBeLessThan(labels.length / 2);
    for (const label of labels) expect(read).toContain(`{"nodeLabel":"${label}","status":"COMPLETED"`);
    await eventually(() => expect(listening()).toBe(0));
  });

  it('costs nothing more once it is gone', async () => {
    const { wrap, listening } = watched();
    await using harness = await serveRun({ wrap });
    const reader = await openReader(harness);
    await eventually(() => expect(listening()).toBe(1));
    const outputJson = JSON.stringify('x'.repeat(16 * MiB - 2));
    await harness.store.record([completed('run', 'a', { outputJson })]);
    await setTimeout(200);
    expect(listening()).toBe(1);
    reader.vanish();
    await eventually(() => expect(listening()).toBe(0));
  });
});

describe.each(TRANSPORTS)('500 subscriptions over $name that are opened and dropped', (transport) => {
  it('leave nothing behind', async () => {
    const { wrap, listening } = watched();
    await using harness = await serveRun({ wrap });
    const openAndDrop = async (times: number) => {
      for (let count = 0; count < times; count += 25) {
        const all = Array.from({ length: 25 }, () => new Following(transport, harness.server.url));
        await eventually(() => expect(all.every(({ sent }) => sent.length === 1)).toBe(true));
        for (const following of all) following.leave();
        await eventually(() => expect(listening()).toBe(0));
      }
      harness.log.length = 0;
      await setTimeout(50);
    };
    await openAndDrop(200);
    const [before, resources] = [await memory(), resourcesInUse()];
    await openAndDrop(500);
    expect(((await memory()) - before) / 500).toBeLessThan(2_000);
    expect(resourcesInUse()).toEqual(resources);
  });
});

describe('500 subscriptions on one WebSocket that are opened and dropped', () => {
  it('leave nothing behind', async () => {
    const { wrap, listening } = watched();
    await using harness = await serveRun({ wrap });
    const socket = await RawSocket.admitted(harness.port);
    const openAndDrop = async (times: number) => {
      for (let count = 0; count < times; count += 25) {
        const ids = Array.from({ length: 25 }, (_, index) => `${index}`);
        for (const id of ids) socket.subscribe(id);
        await eventually(() => expect(socket.received).toHaveLength(25));
        for (const id of ids) socket.say({ id, type: 'complete' });
        await eventually(() => expect(listening()).toBe(0));
        socket.received.length = 0;
      }
      harness.log.length = 0;
    };
    socket.received.length = 0;
    await openAndDrop(200);
    const before = await memory();
    await openAndDrop(500);
    expect(((await memory()) - before) / 500).toBeLessThan(1_000);
    socket.ws.close();
  });
});

describe('A client that says much and reads nothing', () => {
  const filler = 'x'.repeat(20_000);

  it.each<[string, (id: string) => object]>([
    ['asks', (id) => ({ id, type: 'subscribe', payload: { query: '{ __typename }' } })],
    ['follows', (id) => ({ id, type: 'subscribe', payload: { query: FOLLOW } })],
    ['pings', () => ({ type: 'ping', payload: { filler } })],
  ])('is not listened to until it reads, though it %s', async (_, message) => {
    await using harness = await serveRun();
    const socket = await RawSocket.admitted(harness.port);
    socket.ws.pause();
    const taken = async (text: string) => {
      const isSent = new Promise<boolean>((resolve) => socket.ws.send(text, () => resolve(true)));
      return Promise.race([isSent, setTimeout(500, false)]);
    };
    let bytes = 0;
    for (let id = 0; bytes < 100 * MiB; id++) {
      const text = JSON.stringify(message(`${id} ${filler}`));
      if (!(await taken(text))) break;
      bytes += text.length;
    }
    expect(bytes).toBeLessThan(50 * MiB);
    expect(await harness.ask({ query: '{ __typename }' })).toMatchObject({ status: 200 });
    socket.ws.terminate();
  });
});

/** What keeps this process alive: timers, connections. */
function resourcesInUse(): string[] {
  return process.getActiveResourcesInfo().toSorted();
}
