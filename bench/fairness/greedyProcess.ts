/** What runs in a process of its own, so as not to hold up the other client itself: one that asks for as much as it may. */
import { request } from 'node:http';
import { answerAsked } from '../child.ts';
import { HUGE } from './huge.ts';

export type GreedyHandlers = typeof handlers;

export interface Served {
  readonly ms: number;
  /** Of what was sent and of the answer. */
  readonly bytes: number;
}

let body = Buffer.alloc(0);
let answer = '';

const handlers = {
  /** Makes what is asked next, which takes long, too. */
  prepare({ name, round }: { readonly name: string; readonly round: number }): void {
    const huge = HUGE.find((each) => each.name === name);
    if (!huge) throw new Error(`there is nothing huge of the name ${name}`);
    body = Buffer.from(huge.body(round));
    answer = huge.answer;
  },

  /** Takes an answer in without keeping it. */
  ask(url: string): Promise<Served> {
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const asked = request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': body.length },
      });
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
          if (beginning.startsWith(answer)) resolve({ ms: performance.now() - started, bytes: bytes + body.length });
          else reject(new Error(`expected ${answer}, but got ${beginning}`));
        });
      });
      asked.end(body);
    });
  },
};

answerAsked(handlers);
