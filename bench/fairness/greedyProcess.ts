/** What runs in a process of its own, so as not to hold up the other client itself: one that asks for as much as it may. */
import { request } from 'node:http';
import { answerAsked } from '../child.ts';

export type GreedyHandlers = typeof handlers;

export interface Served {
  readonly ms: number;
  readonly bytes: number;
}

const handlers = {
  /** Takes an answer in without keeping it. */
  ask({ url, body }: { readonly url: string; readonly body: string }): Promise<Served> {
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const asked = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } });
      asked.on('error', reject);
      asked.on('response', (response) => {
        let bytes = 0;
        let beginning = '';
        response.on('error', reject);
        response.on('data', (chunk: Buffer) => {
          if (bytes === 0) beginning = chunk.toString('utf8', 0, 1000);
          bytes += chunk.length;
        });
        response.on('end', () => {
          if (beginning.startsWith('{"data":{"dagRun":{')) resolve({ ms: performance.now() - started, bytes });
          else reject(new Error(`expected a run, but got ${beginning}`));
        });
      });
      asked.end(body);
    });
  },
};

answerAsked(handlers);
