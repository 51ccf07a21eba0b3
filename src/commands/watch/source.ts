import { type Subscribe, subscribeAt } from '../../client/follow/subscribe.ts';
import type { TypedDocumentString } from '../../client/gql/graphql.ts';
import { dataOf, type Endpoint, post, readAnswer } from '../../client/http.ts';
import { Fault } from '../../errors.ts';
import { openStore } from '../../store/open.ts';
import { type Ask, askStore } from '../inspect/ask.ts';
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
    const { store } = await openStore(target, { mustExist: true });
    return { ask: askStore(store), subscribe: subscribeToStore(store), close: () => store.close() };
  }
  const url = URL.parse(target);
  if (!url) throw new Fault('BAD_REQUEST', `${target} is no address; give one such as http://127.0.0.1:4000`);
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
