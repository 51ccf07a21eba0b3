import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

/** Somebody who follows what is written, over server-sent events. */
export interface Onlooker {
  /** Resolves when the start of the node has come. To be asked before the node is written. */
  sees(nodeLabel: string): Promise<void>;
  end(): void;
}

/** Resolves once the stream is open. A body is posted; without one it is a GET. */
export async function lookOn(url: string, body?: string): Promise<Onlooker> {
  const asked = request(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
  });
  asked.end(body);
  const [response]: IncomingMessage[] = await once(asked, 'response');
  if (response?.statusCode !== 200) throw new Error(`${url} answered ${response?.statusCode}`);
  const waiting = new Map<string, () => void>();
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const frames = (text + chunk).split('\n\n');
    text = frames.pop() ?? '';
    for (const [label] of frames.flatMap((frame) => [...frame.matchAll(/node \d+/g)])) {
      waiting.get(label)?.();
      waiting.delete(label);
    }
  });
  response.on('error', () => undefined);
  return {
    sees: (nodeLabel) => new Promise((resolve) => waiting.set(nodeLabel, resolve)),
    end: () => void response.destroy(),
  };
}
