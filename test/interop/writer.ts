import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { vi } from 'vitest';
import { FIXTURES } from '../support/lythonicFixtures.ts';

/** That lythonic has committed the start or the end of a run; or that it gave up. */
interface Told {
  readonly event: 'started' | 'ended' | 'error';
}

export interface WriterOptions {
  readonly python: string;
  readonly file: string;
  /** How many root runs it makes, two at a time. */
  readonly runs: number;
  /** The same seed gives the same runs. */
  readonly seed: number;
}

/** A process in which lythonic runs DAGs and writes a file. */
export class Writer implements AsyncDisposable {
  readonly #told: Told[] = [];
  readonly #process: ChildProcess;
  readonly #end: Promise<unknown>;
  #complaints = '';

  constructor({ python, file, runs, seed }: WriterOptions) {
    const options = { runs, seed, 'step-ms': 40, 'fail-rate': 0.3, parallel: 2 };
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#process = spawn(python, [join(FIXTURES, 'live.py'), file, '--nested', ...flags]);
    this.#end = once(this.#process, 'close');
    this.#process.stderr?.setEncoding('utf8').on('data', (text) => {
      this.#complaints += text;
    });
    if (this.#process.stdout) {
      createInterface(this.#process.stdout).on('line', (line) => this.#told.push(...readLine(line)));
    }
  }

  /** Waits until so many starts and ends of runs are in the file. */
  async hasCommitted(count: number): Promise<void> {
    await vi.waitUntil(() => this.#told.length >= count, { interval: 2, timeout: 20_000 });
  }

  /** Waits for its end, and gives all that went wrong in it. */
  async failures(): Promise<unknown[]> {
    await this.#end;
    const { exitCode, signalCode } = this.#process;
    const end = exitCode === 0 ? [] : [`ended with ${exitCode ?? signalCode}`];
    const complaints = this.#complaints ? [this.#complaints] : [];
    return [...this.#told.filter(({ event }) => event === 'error'), ...complaints, ...end];
  }

  /** Ends it on the spot, whatever it is doing. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#end;
  }
}

/** Several threads print: now and then two objects stand in one line, and an empty one follows. */
function readLine(line: string): Told[] {
  const objects = line.replaceAll('}{', '}\n{').split('\n');
  return objects.filter((text) => text !== '').map((text) => JSON.parse(text));
}
