/** Processes of our own that are asked through messages. What one answers is written there, as functions: `answerAsked(handlers)`. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

type Handlers = Record<string, (input: never) => unknown>;
type Input<Handler> = Handler extends (input: infer I) => unknown ? I : never;
type Output<Handler> = Handler extends (input: never) => infer O ? Awaited<O> : never;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string });

/** The handlers' type says what can be asked. */
export class Child<H extends Handlers> {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #questions = 0;

  constructor(script: URL) {
    this.#process = fork(script, { execArgv: ['--expose-gc'], serialization: 'advanced' });
    this.#process.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('error' in answer) waiting?.reject(new Error(answer.error));
      else waiting?.resolve(answer.value);
    });
    this.#process.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${script} ended with ${code ?? signal}`));
    });
  }

  ask<Name extends keyof H & string>(name: Name, input: Input<H[Name]>): Promise<Output<H[Name]>> {
    const id = this.#questions++;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#process.send({ id, name, input } satisfies Question);
    return waiting.promise as Promise<Output<H[Name]>>;
  }

  /** Ends it. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.disconnect();
    await once(this.#process, 'exit');
  }
}

/** The child's side. It ends when nobody can ask it any more. */
export function answerAsked(handlers: Handlers): void {
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ id, name, input }: Question) => {
    const answer = async (): Promise<Answer> => ({ id, value: await handlers[name]?.(input as never) });
    process.send?.(await answer().catch((error: unknown): Answer => ({ id, error: String(error) })));
  });
}
