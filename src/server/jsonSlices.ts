/** JSON that is large, written in slices: others have their turn between two of them. */
import { nextTurn } from '../schema/turns.ts';

/** About a millisecond's work. */
const SLICE_LENGTH = 64 * 1024;

/** What is lighter than this is written in one go. A value weighs 1, a text more for its length. */
const PIECE_WEIGHT = 2_000;
const TEXT_PER_WEIGHT = 16;

/** What is made of a text in one go: plain text is quick to write, and there can be much of it. */
const TEXT_LENGTH = 4 * SLICE_LENGTH;

/** The text that `JSON.stringify` gives for plain data, in parts, and a turn of the event loop between any two. */
export async function* jsonSlices(value: unknown): AsyncGenerator<string, void> {
  let slice = '';
  for (const piece of pieces(value)) {
    slice += piece;
    if (slice.length < SLICE_LENGTH) continue;
    yield slice;
    slice = '';
    await nextTurn();
  }
  yield slice;
}

/** Whether a value is written in no time. */
export function isLight(value: unknown): boolean {
  return weightOf(value) < PIECE_WEIGHT;
}

function* pieces(value: unknown): Generator<string, void> {
  if (typeof value === 'string') yield* textPieces(value);
  else if (typeof value !== 'object' || value === null || isLight(value)) yield JSON.stringify(value);
  else if (Array.isArray(value)) yield* listPieces(value);
  else yield* objectPieces(value);
}

function* textPieces(text: string): Generator<string, void> {
  let start = 0;
  while (text.length - start > TEXT_LENGTH) {
    const end = start + TEXT_LENGTH - Number(isHighSurrogate(text, start + TEXT_LENGTH - 1));
    yield JSON.stringify(text.slice(start, end)).slice(start === 0 ? 0 : 1, -1);
    start = end;
  }
  yield JSON.stringify(text.slice(start)).slice(start === 0 ? 0 : 1);
}

/** Whether it stands for a sign only together with what comes next. */
function isHighSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xd800 && code < 0xdc00;
}

/** Items that are light together make one piece. */
function* listPieces(items: readonly unknown[]): Generator<string, void> {
  let opening = '[';
  let start = 0;
  let weight = 0;
  for (const [index, item] of items.entries()) {
    weight += weightOf(item);
    if (weight < PIECE_WEIGHT && index < items.length - 1) continue;
    yield opening;
    if (start < index) yield `${JSON.stringify(items.slice(start, index)).slice(1, -1)},`;
    yield* pieces(item);
    opening = ',';
    start = index + 1;
    weight = 0;
  }
  yield ']';
}

function* objectPieces(object: object): Generator<string, void> {
  let opening = '{';
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    yield `${opening}${JSON.stringify(key)}:`;
    yield* pieces(value);
    opening = ',';
  }
  yield opening === '{' ? '{}' : '}';
}

/** How much there is to write, or at least PIECE_WEIGHT. */
function weightOf(value: unknown): number {
  return PIECE_WEIGHT - weightLeft(value, PIECE_WEIGHT);
}

function weightLeft(value: unknown, most: number): number {
  let left = most - 1;
  if (typeof value === 'string') return left - value.length / TEXT_PER_WEIGHT;
  if (typeof value !== 'object' || value === null) return left;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    if (left <= 0) break;
    left = weightLeft(inner, left);
  }
  return left;
}
