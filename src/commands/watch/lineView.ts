import type { TreeUpdate } from '../../client/follow/follow.ts';
import type { Connection } from '../../client/follow/retry.ts';
import { now } from '../../time.ts';
import { ChangeLines } from './changeLines.ts';
import { connectionWord, type View, WAITING } from './view.ts';

interface Output {
  write(text: string): unknown;
}

/** Writes a line for each change; what is to be said beside that goes to standard error. */
export class LineView implements View {
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #lines = new ChangeLines();
  #said = '';
  #isLost = false;

  constructor({ stdout, stderr }: { readonly stdout: Output; readonly stderr: Output }) {
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  wait(): void {
    this.#say(WAITING);
  }

  update(update: TreeUpdate): void {
    const lines = this.#lines.of(update, now());
    if (lines.length > 0) this.#stdout.write(`${lines.join('\n')}\n`);
  }

  connection(connection: Connection): void {
    const isLost = connection.state === 'lost';
    if (isLost) this.#say(connectionWord(connection));
    else if (this.#isLost) this.#say('connected');
    this.#isLost = isLost;
  }

  close(): void {}

  /** Once, however often it is tried again. */
  #say(text: string): void {
    if (text !== this.#said) this.#stderr.write(`dagloupe: ${text}\n`);
    this.#said = text;
  }
}
