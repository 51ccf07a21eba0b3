import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEvents, type ServerSentEvent } from '../../../src/client/follow/sse.ts';

/** The events of a text that comes in pieces, each of so many bytes; the last size goes on. */
async function read(text: string, sizes: readonly number[] = [1_000]): Promise<ServerSentEvent[]> {
  const bytes = new TextEncoder().encode(text);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let start = 0;
    for (let at = 0; start < bytes.length; at++) {
      const end = start + (sizes[Math.min(at, sizes.length - 1)] ?? 1);
      yield bytes.slice(start, end);
      start = end;
    }
  }
  const events: ServerSentEvent[] = [];
  for await (const event of readEvents(chunks())) events.push(event);
  return events;
}

test.each<[string, string, ServerSentEvent[]]>([
  ['an event and its data', 'event: next\ndata: {"a":1}\n\n', [{ event: 'next', data: '{"a":1}' }]],
  ['data of many lines', 'data: a\ndata:  b\ndata:c\n\n', [{ event: 'message', data: 'a\n b\nc' }]],
  ['data that is empty', 'event: complete\ndata:\n\n', [{ event: 'complete', data: '' }]],
  ['a field without a colon', 'data\n\n', [{ event: 'message', data: '' }]],
  ['no event without data', 'event: next\n\ndata: a\n\n', [{ event: 'message', data: 'a' }]],
  ['no comments and no other fields', ':\n\n: ping\nid: 7\nretry: 1\ndata: a\n\n', [{ event: 'message', data: 'a' }]],
  ['no event that is cut off', 'data: a\n\ndata: b\n', [{ event: 'message', data: 'a' }]],
  ['lines that end with a carriage return', 'event: a\rdata: b\r\r', [{ event: 'a', data: 'b' }]],
  ['no mark of the byte order', '\ufeffdata: a\n\n', [{ event: 'message', data: 'a' }]],
])('reads %s', async (_, text, events) => {
  expect(await read(text)).toEqual(events);
});

test('reads the same events however they are cut into pieces, and however lines end', async () => {
  const content = fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n]/g, ''));
  const expected = fc.array(fc.record({ event: fc.constantFrom('next', 'complete'), data: content }));
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(expected, sizes, fc.constantFrom('\n', '\r', '\r\n'), async (events, pieces, lineEnd) => {
      const lines = events.flatMap(({ event, data }) => [`event: ${event}`, `data: ${data}`, '', ':', '']);
      const text = lines.map((line) => line + lineEnd).join('');
      expect(await read(text, pieces)).toEqual(events);
    }),
  );
});
