import { existsSync } from 'node:fs';
import { type Subscribe, subscribeAt } from '../../client/follow/subscribe.ts';
import type { TypedDocumentString } from '../../client/gql/graphql.ts';
import { dataOf, type Endpoint, post, readAnswer } from '../../client/http.ts';
import { Fault } from '../../errors.ts';
import { type Ask, askStore } from '../inspect/ask.ts';
import { openQuietly } from '../openQuietly.ts';
import { subscribeToStore } from './storeSubscribe.ts';

/** Where runs are to be seen. */
export interface Source {
  readonly ask: Ask;
  readonly subscribe: Subscribe;
  close(): Promise<void>;
}

/** A server, or a file in this process. @throws Fault */
export async function openSource(target: string, token: string | null, signal: AbortSignal): Promise<Source> {
  if (!/^https?:/i.test(target)) {
    if (/^[\w.-]+:\d+(\/|$)/.test(target) && !existsSync(target)) {
      throw new Fault('BAD_REQUEST', `${target} is no file; for a server give http://${target}`);
    }
    const { store } = await openQuietly(target, { mustExist: true });
    return { ask: askStore(store), subscribe: subscribeToStore(store), close: () => store.close() };
  }
  const url = URL.parse(target);
  if (!url) throw new Fault('BAD_REQUEST', `${target} is no address; give one such as http://127.0.0.1:4000`);
  if (url.username || url.password) {
    throw new Fault(
      'BAD_REQUEST',
      'the address has a user or a password, which no server asks for; set DAGLOUPE_TOKEN',
    );
  }
  if (url.pathname === '/') url.pathname = '/graphql';
  const endpoint: Endpoint = { url: url.href, token: token ?? undefined };
  return { ask: askServer(endpoint, signal), subscribe: subscribeAt(endpoint), close: async () => undefined };
}

function askServer(endpoint: Endpoint, signal: AbortSignal): Ask {
  return async <Result, Variables extends Record<string, unknown>>(
    operation: TypedDocumentString<Result, Variables>,
    variables: Variables,
  ) => {
    const response = await post(endpoint, { operation, variables, accept: 'application/json', signal });
    return dataOf<Result>(await readAnswer(response), response.status);
  };
}
