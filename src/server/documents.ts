import { GraphQLError, parse, validate } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { Fault } from '../errors.ts';

/**
 * Limits what a document costs before it runs: its tokens, how deep it nests (parser and validator recurse), and how long it
 * takes to validate. All are LIMIT_EXCEEDED.
 */
export function useDocumentLimits(maxTokens: number): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source, options) => {
        try {
          return parse(source, { ...options, maxTokens });
        } catch (error) {
          throw isTooDeep(error) ? tooDeep() : isTooLong(error) ? tooLong(maxTokens) : error;
        }
      });
    },
    onValidate({ setValidationFn }) {
      setValidationFn((...args: Parameters<typeof validate>): readonly Error[] => {
        try {
          const errors = validate(...args);
          return errors.some(isTooManifold) ? [tooManifold()] : errors;
        } catch (error) {
          if (isTooDeep(error)) return [tooDeep()];
          throw error;
        }
      });
    },
  };
}

/** Remembers the newest results of a function of documents. Long documents are not kept: they could fill the memory. */
export class DocumentCache<T> {
  readonly #entries = new Map<string, T>();

  get(document: string): T | undefined {
    const entry = this.#entries.get(document);
    if (entry === undefined) return undefined;
    this.#entries.delete(document);
    this.#entries.set(document, entry);
    return entry;
  }

  set(document: string, entry: T): void {
    if (document.length > MAX_LENGTH) return;
    this.#entries.set(document, entry);
    if (this.#entries.size <= MAX_ENTRIES) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }
}

const MAX_LENGTH = 32 * 1024;
const MAX_ENTRIES = 500;

/** The stack overflow of a recursion that is sound in itself. */
function isTooDeep(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

// The parser and the validator tell of their limits by the message alone.
function isTooLong(error: unknown): boolean {
  return error instanceof GraphQLError && error.message.endsWith('tokens. Parsing aborted.');
}

/** The validator compares all fields of the same name with each other, and gives up on too many. */
function isTooManifold(error: GraphQLError): boolean {
  return error.message === 'Validation aborted.';
}

function tooDeep(): Fault {
  return new Fault('LIMIT_EXCEEDED', 'The document nests too deep. Nest less, or ask in parts.');
}

function tooLong(maxTokens: number): Fault {
  const message = `The document has more than ${maxTokens} tokens. Ask in parts, or send values as variables.`;
  return new Fault('LIMIT_EXCEEDED', message);
}

function tooManifold(): Fault {
  return new Fault('LIMIT_EXCEEDED', 'The document selects the same field too often. Select it once, or ask in parts.');
}
