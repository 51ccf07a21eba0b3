import type { WriteStream } from 'node:tty';

/** What is used of a terminal. */
export type Terminal = Pick<WriteStream, 'columns' | 'rows' | 'write' | 'writableNeedDrain' | 'on'>;

/** Another page of the terminal, without a cursor; lines that are too long are cut off, not wrapped. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Terminals that know these show what is between them at once. */
const BEGIN = '\x1b[?2026h\x1b[H';
const END = '\x1b[J\x1b[?2026l';

/** A page of the terminal to draw on, which is as it was before when the process ends, however it does. */
export class Screen {
  readonly #terminal: Terminal;
  #isOpen = false;
  #drawn = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get columns(): number {
    return this.#terminal.columns;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  /** @param onResize Told that the size became another; what was drawn may be in disorder then. */
  open(onResize: () => void): void {
    this.#isOpen = true;
    this.#terminal.write(ENTER);
    process.on('exit', this.#leave);
    this.#terminal.on('resize', () => {
      this.#drawn = '';
      if (this.#isOpen) onResize();
    });
  }

  /** Shows these lines, in one write; nothing if it shows them already, or the terminal is still busy with what came before. */
  draw(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}\x1b[K`).join('\r\n');
    if (!this.#isOpen || text === this.#drawn || this.#terminal.writableNeedDrain) return;
    this.#drawn = text;
    this.#terminal.write(`${BEGIN}${text}${END}`);
  }

  /** Goes back to the page before, and leaves these lines there. */
  close(lines: readonly string[]): void {
    this.#leave();
    process.off('exit', this.#leave);
    if (lines.length > 0) this.#terminal.write(`${lines.join('\n')}\n`);
  }

  readonly #leave = (): void => {
    if (this.#isOpen) this.#terminal.write(LEAVE);
    this.#isOpen = false;
  };
}
