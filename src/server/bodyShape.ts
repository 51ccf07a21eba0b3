import { Refusal } from './refusal.ts';

/** Far beyond what an operation needs: a batch of events takes some ten values for each. */
const MAX_VALUES = 1_000_000;
const MAX_DEPTH = 1_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const [OPEN_LIST, CLOSE_LIST] = [0x5b, 0x5d];
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];

/**
 * Refuses JSON that is small as a text but not as values: 32 MiB of empty objects take over a gigabyte when parsed.
 * Counts what lies outside of strings, and leaves it to the parser whether that is JSON.
 *
 * @throws Refusal: 413 LIMIT_EXCEEDED for too many values, or values that nest too deep.
 */
export function checkShape(body: Uint8Array): void {
  let values = 1;
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    switch (body[at]) {
      case QUOTE:
        at = endOfString(body, at);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        values++;
        depth++;
        refuseShapeBeyond(values, depth);
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth--;
        break;
      case COMMA:
        values++;
        refuseShapeBeyond(values, depth);
        break;
    }
  }
}

/** @throws Refusal: 413 LIMIT_EXCEEDED for so many values, or values that nest so deep. */
export function refuseShapeBeyond(values: number, depth: number): void {
  if (depth > MAX_DEPTH) throw refusal(`nests deeper than ${MAX_DEPTH} levels`);
  if (values > MAX_VALUES) throw refusal(`has more than ${MAX_VALUES} values`);
}

function endOfString(body: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
  return at;
}

function refusal(problem: string): Refusal {
  return new Refusal(413, 'LIMIT_EXCEEDED', `The JSON in the body ${problem}. Send less at once.`);
}
