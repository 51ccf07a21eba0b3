import type { TreeUpdate } from '../../client/follow/follow.ts';
import type { Connection } from '../../client/follow/retry.ts';
import type { FollowedTree } from '../../client/follow/tree.ts';
import { now } from '../../time.ts';
import { frame } from './frame.ts';
import type { Screen } from './screen.ts';
import { connectionWord, type View, WAITING } from './view.ts';

/** How often the tree is drawn, in milliseconds: elapsed times show tenths of seconds. */
const EVERY_MS = 100;

/** How many times as long as the drawing of a large tree takes nothing is drawn after it. */
const REST = 9;

/** Draws the tree as it is, again and again. */
export class TreeView implements View {
  readonly #screen: Screen;
  #timer: NodeJS.Timeout | undefined;
  #tree: FollowedTree | null = null;
  #note = 'connecting';
  #trouble = '';

  constructor(screen: Screen) {
    this.#screen = screen;
    screen.open(() => this.#draw());
    this.#draw();
  }

  wait(): void {
    this.#note = WAITING;
  }

  update({ tree }: TreeUpdate): void {
    this.#tree = tree;
    this.#note = '';
  }

  connection(connection: Connection): void {
    this.#trouble = connectionWord(connection);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#screen.close(this.#tree ? this.#frame() : []);
  }

  #draw(): void {
    clearTimeout(this.#timer);
    const begin = performance.now();
    this.#screen.draw(this.#frame());
    this.#timer = setTimeout(() => this.#draw(), Math.max(EVERY_MS, (performance.now() - begin) * REST));
  }

  #frame(): string[] {
    const { columns, rows } = this.#screen;
    return frame({ tree: this.#tree, note: this.#trouble || this.#note, now: now(), columns, rows });
  }
}
