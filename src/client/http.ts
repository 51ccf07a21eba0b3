/** GraphQL over HTTP, by fetch: for browsers too. */
import { FAULT_CODES, Fault, type FaultCode } from '../errors.ts';
import type { TypedDocumentString } from './gql/graphql.ts';

export interface Endpoint {
  /** Where GraphQL is: `http://127.0.0.1:4000/graphql`. */
  readonly url: string;
  /** The server's token, if it wants one. */
  readonly token?: string | undefined;
}

/** The server could not be reached, or was lost. It may come back. */
export class ConnectionLost extends Error {
  override readonly name: string = 'ConnectionLost';
}

/** What answered is not the API. The address is wrong as a rule; but it may be a proxy whose server is away. */
export class NotTheApi extends ConnectionLost {
  override readonly name = 'NotTheApi';
}

export interface Post<Result, Variables> {
  readonly operation: TypedDocumentString<Result, Variables>;
  readonly variables: Variables;
  readonly accept: string;
  readonly signal?: AbortSignal | undefined;
}

/** Sends one operation and gives the response, whatever it is. @throws ConnectionLost, or what the signal was aborted with. */
export async function post<Result, Variables>(
  { url, token }: Endpoint,
  { operation, variables, accept, signal }: Post<Result, Variables>,
): Promise<Response> {
  const request = new Request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: operation.toString(), variables }),
    cache: 'no-store',
  });
  try {
    // The signal goes to fetch: that of a Request is forgotten with the Request, and then nothing ends the connection.
    return await fetch(request, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw new ConnectionLost(`${url} cannot be reached: ${reasonOf(error)}`, { cause: error });
  }
}

/** What went wrong with a connection, in the fewest words that tell it. */
export function reasonOf(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : {};
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  return String(code || message || error);
}

/** The shape of a GraphQL response. */
export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFailure[];
}

interface GraphQLFailure {
  readonly message?: unknown;
  readonly extensions?: { readonly code?: unknown };
}

/** The data of an answer. @throws Fault if it has errors. */
export function dataOf<Result>({ data, errors }: Answer, status = 200): Result {
  const [error] = errors ?? [];
  if (error) throw new Fault(codeOf(error, status), String(error.message));
  return data as Result;
}

/** Servers other than ours know other codes. */
function codeOf({ extensions }: GraphQLFailure, status: number): FaultCode {
  const known = FAULT_CODES.find((code) => code === extensions?.code);
  return known ?? BY_STATUS[status] ?? (status === 400 ? 'BAD_REQUEST' : 'INTERNAL');
}

const BY_STATUS: Readonly<Record<number, FaultCode>> = { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN' };

/** Statuses with which a server or a proxy says that it may work later. */
const FOR_NOW: readonly number[] = [408, 425, 429];

/** Reads a response that should be an answer in JSON. @throws Fault, ConnectionLost or NotTheApi if it is none. */
export async function readAnswer(response: Response): Promise<Answer> {
  const { status } = response;
  const text = await response.text().catch((error: unknown) => {
    throw new ConnectionLost(`the answer of ${response.url} broke off: ${reasonOf(error)}`, { cause: error });
  });
  const answer = parse(text);
  if (answer) return answer;
  const code = BY_STATUS[status];
  if (code) throw new Fault(code, `${response.url} answered ${status}: it wants to know who asks; check the token.`);
  const said = `${response.url} answered ${status} with ${response.headers.get('content-type') ?? 'no content type'}`;
  if (status >= 500 || FOR_NOW.includes(status)) throw new ConnectionLost(said);
  throw new NotTheApi(`${said}, and no GraphQL. Give the address of the API, such as http://127.0.0.1:4000/graphql.`);
}

function parse(text: string): Answer | null {
  try {
    const answer: unknown = JSON.parse(text);
    const isAnswer = typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer);
    return isAnswer ? (answer as Answer) : null;
  } catch {
    return null;
  }
}
