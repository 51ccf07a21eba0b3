/** How long lines wait for others to be written with them, in milliseconds. */
const GATHER_MS = 10;

/** Has lines written together: to write each by itself takes a tenth of a small request. None is lost when the process ends by itself. */
export class GatheredLines {
  readonly #send: (text: string) => void;
  #text = '';

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  write(line: string): void {
    if (this.#text === '') {
      setTimeout(this.#flush, GATHER_MS).unref();
      process.once('exit', this.#flush);
    }
    this.#text += line;
  }

  readonly #flush = (): void => {
    process.off('exit', this.#flush);
    const text = this.#text;
    this.#text = '';
    if (text !== '') this.#send(text);
  };
}
