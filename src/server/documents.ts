import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { Fault } from '../errors.ts';
import { asGraphQLError } from './errors.ts';

/** A document, if it is one, and what is wrong with it. */
export interface CheckedDocument {
  readonly document: DocumentNode | undefined;
  readonly errors: readonly GraphQLError[];
}

/**
 * Parses and validates documents, and remembers what came of the newest. Limits what a document costs before it runs: its tokens,
 * how deep it nests (parser and validator recurse), and how long it takes to validate. All are LIMIT_EXCEEDED.
 */
export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #maxTokens: number;
  readonly #known = new DocumentCache<CheckedDocument>();

  constructor(schema: GraphQLSchema, maxTokens: number) {
    this.#schema = schema;
    this.#maxTokens = maxTokens;
  }

  check(text: string): CheckedDocument {
    let checked = this.#known.get(text);
    if (!checked) {
      checked = this.#checkAnew(text);
      this.#known.set(text, checked);
    }
    return checked;
  }

  #checkAnew(text: string): CheckedDocument {
    let document: DocumentNode | undefined;
    try {
      document = parse(text, { maxTokens: this.#maxTokens });
      const errors = validate(this.#schema, document);
      return { document, errors: errors.some(isTooManifold) ? [asGraphQLError(tooManifold())] : errors };
    } catch (error) {
      const limit = isTooDeep(error) ? tooDeep() : isTooLong(error) ? tooLong(this.#maxTokens) : undefined;
      return { document, errors: [asGraphQLError(limit ?? error)] };
    }
  }
}

/** Remembers the newest results of a function of documents. Long documents are not kept: they could fill the memory. */
class DocumentCache<T> {
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
