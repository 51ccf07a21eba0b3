import { loadConfig } from '../../src/config.ts';
import { createContext } from '../../src/schema/context.ts';
import { execute } from '../../src/schema/execute.ts';
import { schema } from '../../src/schema/index.ts';
import { createGraphQL } from '../../src/server/graphql.ts';
import { createLiveLimits } from '../../src/server/liveLimits.ts';
import { createLogger } from '../../src/server/log.ts';
import type { OperationParams } from '../../src/server/operations.ts';
import { Feed } from '../../src/store/feed.ts';
import type { Store } from '../../src/store/store.ts';

/** Answers operations as the server does between the body that it read and the text that it sends; with another executor if one is given. */
export function answererOf(
  store: Store,
  executor: typeof execute = execute,
): (params: OperationParams) => Promise<string> {
  const config = loadConfig({});
  const feed = new Feed(store);
  const { operations } = createGraphQL({
    schema,
    execute: executor,
    createContext: (signal) => createContext({ store, feed, version: 'bench', signal }),
    config,
    limits: createLiveLimits(config),
    logger: createLogger('silent'),
  });
  return async (params) => {
    const surroundings = {
      trace: { operation: undefined, codes: new Set<never>() },
      signal: new AbortController().signal,
    };
    const args = operations.prepare(params, surroundings);
    if (!('document' in args)) throw new Error(JSON.stringify(args));
    return JSON.stringify(await operations.run(args));
  };
}
