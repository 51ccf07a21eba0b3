import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { Screen, type Terminal } from '../../../src/commands/watch/screen.ts';

/** A terminal that keeps what is written. */
class Page extends EventEmitter {
  columns = 80;
  rows = 24;
  writableNeedDrain = false;
  readonly writes: string[] = [];

  write(text: string): boolean {
    this.writes.push(text);
    return true;
  }
}

function screenOn(page: Page, onResize = () => {}): Screen {
  const screen = new Screen(page as unknown as Terminal);
  screen.open(onResize);
  page.writes.length = 0;
  return screen;
}

test('a frame is one write, which clears what was there before', () => {
  const page = new Page();
  const screen = screenOn(page);
  screen.draw(['a', 'b']);
  expect(page.writes).toEqual(['\x1b[?2026h\x1b[Ha\x1b[K\r\nb\x1b[K\x1b[J\x1b[?2026l']);
  screen.close([]);
});

test('a frame that is the same as before is not written again, but after the size became another', () => {
  const page = new Page();
  const screen = screenOn(page, () => screen.draw(['a']));
  screen.draw(['a']);
  screen.draw(['a']);
  expect(page.writes).toHaveLength(1);
  page.emit('resize');
  expect(page.writes).toHaveLength(2);
  screen.close([]);
});

test('a terminal that is slow gets fewer frames', () => {
  const page = new Page();
  const screen = screenOn(page);
  page.writableNeedDrain = true;
  screen.draw(['a']);
  page.writableNeedDrain = false;
  screen.draw(['b']);
  expect(page.writes).toEqual([expect.stringContaining('b')]);
  screen.close([]);
});

test('at the end the cursor, the wrapping of lines and the page before are back, with the last lines on it', () => {
  const page = new Page();
  const listeners = process.listenerCount('exit');
  const screen = screenOn(page);
  expect(process.listenerCount('exit')).toBe(listeners + 1);
  screen.close(['a', 'b']);
  screen.draw(['c']);
  expect(page.writes).toEqual(['\x1b[?7h\x1b[?25h\x1b[?1049l', 'a\nb\n']);
  expect(process.listenerCount('exit')).toBe(listeners);
});
