import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Fault } from '../../src/errors.ts';
import type { Recorded, RunEvent } from '../../src/model.ts';
import type { Answer, Request } from './storeProcess.ts';

const SCRIPT = new URL('./storeProcess.ts', import.meta.url);

/** A process beside this one that opens a store of its own. Faults there are thrown here. */
export class OtherProcess {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #requests = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('error' in answer) waiting?.reject(new Fault(answer.error.code, answer.error.message));
      else waiting?.resolve(answer.value);
    });
    process.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`the other process ended with ${code ?? signal}`));
    });
  }

  /** Resolves once it listens. With `asNobody`, it has no rights that any user does not have. */
  static async start({ asNobody = false } = {}): Promise<OtherProcess> {
    const process = fork(SCRIPT, asNobody ? ['nobody'] : [], { execArgv: [], serialization: 'advanced' });
    await once(process, 'message');
    return new OtherProcess(process);
  }

  open(path: string): Promise<void> {
    return this.#ask({ op: 'open', path });
  }

  record(events: readonly RunEvent[]): Promise<Recorded> {
    return this.#ask({ op: 'record', events });
  }

  /** The ids of all runs that it sees, newest first. */
  runIds(): Promise<string[]> {
    return this.#ask({ op: 'runIds' });
  }

  close(): Promise<void> {
    return this.#ask({ op: 'close' });
  }

  /** Ends the process, whatever it has open. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }

  async #ask<Value>(request: Request): Promise<Value> {
    const id = this.#requests++;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#process.send({ ...request, id });
    return (await waiting.promise) as Value;
  }
}
