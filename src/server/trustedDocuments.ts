/** Documents that clients name instead of sending them, also known as persisted queries; on demand, no others are run. */
import { readFile } from 'node:fs/promises';
import { type GraphQLSchema, parse, validate } from 'graphql';
import { type Config, envName } from '../config.ts';
import { Fault } from '../errors.ts';
import { Refusal } from './refusal.ts';

/** What of a request says which document it means, as it came. */
export interface DocumentParams {
  readonly query?: unknown;
  /** As the draft of GraphQL over HTTP has it. */
  readonly documentId?: unknown;
  /** In it `persistedQuery.sha256Hash`, as Apollo has it. */
  readonly extensions?: unknown;
}

export class TrustedDocuments {
  readonly #byId: ReadonlyMap<string, string>;
  readonly #texts: ReadonlySet<string>;
  /** Whether no others are run. */
  readonly only: boolean;

  constructor(byId: ReadonlyMap<string, string>, only: boolean) {
    this.#byId = byId;
    this.#texts = new Set(byId.values());
    this.only = only;
  }

  /**
   * The document that a request means: the one that it brings, else the one that it names.
   *
   * @throws Refusal if there is none, or if it may not be run.
   */
  textFor({ query, documentId, extensions }: DocumentParams): string {
    if (typeof query === 'string' && query !== '') return this.#permitted(query);
    if (query == null || query === '') {
      if (documentId != null) return this.#named(documentId) ?? this.#refuseId(documentId);
      const hash = hashIn(extensions);
      if (hash !== undefined) return this.#named(hash) ?? this.#refuseHash(hash);
    }
    throw new Refusal(400, 'BAD_REQUEST', 'Send a GraphQL document as "query", such as {"query": "{ __typename }"}.');
  }

  #permitted(query: string): string {
    if (!this.only || this.#texts.has(query)) return query;
    throw new Refusal(403, 'FORBIDDEN', `This server runs known documents only. Have this one added to ${FILE}.`);
  }

  #named(id: unknown): string | undefined {
    return typeof id === 'string' ? (this.#byId.get(id) ?? this.#byId.get(id.replace(/^sha256:/, ''))) : undefined;
  }

  #refuseId(id: unknown): never {
    const remedy = this.only ? '' : ' Or send the document itself, as "query".';
    const shown = JSON.stringify(id).slice(0, 100);
    throw new Refusal(400, 'BAD_REQUEST', `This server knows no document ${shown}. Have it added to ${FILE}.${remedy}`);
  }

  /** Clients of Apollo's protocol wait for just these words: to send the document too, or not to send hashes any more. */
  #refuseHash(hash: unknown): never {
    if (this.only) this.#refuseId(hash);
    const word = this.#byId.size > 0 ? 'PersistedQueryNotFound' : 'PersistedQueryNotSupported';
    throw new Refusal(200, 'BAD_REQUEST', word);
  }
}

/**
 * The documents that the settings name: a JSON object of texts by their ids, as graphql-codegen and Relay's compiler write it.
 *
 * @throws BAD_REQUEST if they cannot be read, or if one does not fit the schema.
 */
export async function loadTrustedDocuments(
  { documents, documentsOnly }: Pick<Config, 'documents' | 'documentsOnly'>,
  schema: GraphQLSchema,
): Promise<TrustedDocuments> {
  if (documents === null) {
    if (!documentsOnly) return new TrustedDocuments(new Map(), false);
    throw new Fault(
      'BAD_REQUEST',
      `${envName('documentsOnly')} is set, but no file of documents: name one in ${envName('documents')}.`,
    );
  }
  const texts = new Map<string, string>();
  for (const [id, text] of Object.entries(await readObject(documents))) {
    texts.set(id, checked(text, schema, `${documents}, document ${JSON.stringify(id)}`));
  }
  return new TrustedDocuments(texts, documentsOnly);
}

const FILE = `the file in ${envName('documents')}`;

function hashIn(extensions: unknown): unknown {
  const persisted = fieldOf(extensions, 'persistedQuery');
  return fieldOf(persisted, 'sha256Hash');
}

function fieldOf(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null ? Reflect.get(object, name) : undefined;
}

async function readObject(file: string): Promise<object> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault('BAD_REQUEST', `${file} cannot be read as a file of documents: ${reason}`, { cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Fault('BAD_REQUEST', `${file} has to hold a JSON object: GraphQL documents by their ids.`);
}

function checked(text: unknown, schema: GraphQLSchema, where: string): string {
  if (typeof text !== 'string') throw new Fault('BAD_REQUEST', `${where}: it has to be a text.`);
  try {
    const [error] = validate(schema, parse(text));
    if (error) throw error;
    return text;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault('BAD_REQUEST', `${where}: ${reason}`, { cause: error });
  }
}
