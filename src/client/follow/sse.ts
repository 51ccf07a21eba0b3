/** Server-sent events, as the HTML standard has them. Only what GraphQL over SSE needs: ids and retry times are passed over. */

export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** The events in the chunks of a body, as they come. One that is cut off by the end of the body is dropped. */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  let event = 'message';
  let data: string[] = [];
  for await (const line of readLines(chunks)) {
    const [name, value] = fieldOf(line);
    if (name === 'event') event = value;
    else if (name === 'data') data.push(value);
    if (line !== '') continue;
    if (data.length > 0) yield { event, data: data.join('\n') };
    event = 'message';
    data = [];
  }
}

/** Comments have an empty name. */
function fieldOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}

/** Lines end with CR, LF or both. */
async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let line = '';
  let endedWithCr = false;
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    if (text === '') continue;
    let start = endedWithCr && text.startsWith('\n') ? 1 : 0;
    for (const { 0: lineEnd, index } of text.matchAll(/\r\n?|\n/g)) {
      if (index < start) continue;
      yield line + text.slice(start, index);
      line = '';
      start = index + lineEnd.length;
    }
    line += text.slice(start);
    endedWithCr = text.endsWith('\r');
  }
}
