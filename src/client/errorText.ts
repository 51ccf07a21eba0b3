import { isError } from './isError.ts';
import { serialise } from './serialise.ts';
import { plainText } from './text.ts';

/** Errors of one chain or tree that are told; a circle or a storm of them has to end. */
const MAX_ERRORS = 50;
const MAX_LENGTH = 1024 * 1024;

/**
 * The text to record of whatever was thrown: the stack of an error, then those of its causes and of the errors it gathers,
 * each after a word that says so. Never throws, never has more than about a million characters, and is always well-formed.
 */
export function errorText(thrown: unknown): string {
  const parts: string[] = [];
  const told = new Set<unknown>();
  const left: Untold[] = [{ heading: '', thrown }];
  for (let next = left.pop(); next && parts.length < MAX_ERRORS; next = left.pop()) {
    if (told.has(next.thrown)) continue;
    told.add(next.thrown);
    parts.push(next.heading + ownText(next.thrown));
    left.push(...within(next.thrown).reverse());
  }
  const text = parts.join('\n\n');
  const more = text.length - MAX_LENGTH;
  return (more > 0 ? `${text.slice(0, MAX_LENGTH)}\n(and ${more} more characters)` : text).toWellFormed();
}

interface Untold {
  readonly heading: string;
  readonly thrown: unknown;
}

function ownText(thrown: unknown): string {
  try {
    if (!isError(thrown)) return typeof thrown === 'object' ? serialise(thrown) : String(thrown);
    const headline = String(thrown);
    const stack: unknown = thrown.stack;
    if (typeof stack !== 'string' || stack === '') return headline;
    // A stack begins with the message as it was when the error was made; it may have been replaced since.
    return stack.includes(String(thrown.message)) ? stack : `${headline}\n${stack}`;
  } catch (error) {
    return `[unreadable: ${plainText(error)}]`;
  }
}

/** What an error came from, and what it gathers. */
function within(thrown: unknown): Untold[] {
  try {
    if (!isError(thrown)) return [];
    const cause = thrown.cause === undefined ? [] : [{ heading: 'Caused by: ', thrown: thrown.cause }];
    const gathered = 'errors' in thrown && Array.isArray(thrown.errors) ? thrown.errors : [];
    const errors = gathered.slice(0, MAX_ERRORS).map((error: unknown, index) => ({
      heading: `Error ${index + 1} of ${gathered.length}: `,
      thrown: error,
    }));
    return [...cause, ...errors];
  } catch {
    return [];
  }
}
