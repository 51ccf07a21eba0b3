/** The protocol of graphql-ws: who may ask, how much at once, and what is shown of errors. */
import type { GraphQLError } from 'graphql';
import { makeServer, type Server } from 'graphql-ws';
import { asGraphQLError, formatted, formattedError, shownErrors } from './errors.ts';
import type { LiveLimits } from './liveLimits.ts';
import type { Logger } from './log.ts';
import { isSubscription, type Operations } from './operations.ts';
import type { RequestGuard } from './requestGuard.ts';
import { traceOperation } from './requestLog.ts';
import type { TrustedDocuments } from './trustedDocuments.ts';
import type { SocketClient } from './webSocket.ts';

export interface ProtocolOptions {
  readonly operations: Operations;
  readonly documents: TrustedDocuments;
  readonly guard: RequestGuard;
  readonly limits: LiveLimits;
  readonly logger: Logger;
  /** How long a client may take to begin, in milliseconds. */
  readonly initTimeoutMs: number;
}

/** What is known of an operation while it runs. */
interface Running {
  /** Makes errors of it fit to be seen. */
  readonly show: (errors: readonly GraphQLError[]) => GraphQLError[];
  readonly end: () => void;
}

export function createProtocol(options: ProtocolOptions): Server<SocketClient> {
  const { operations, documents, guard, limits, logger, initTimeoutMs } = options;
  // By the messages that began them: a client may use an id again before the operation that had it is over.
  const running = new WeakMap<object, Running>();

  return makeServer<Record<string, unknown>, SocketClient>({
    connectionInitWaitTimeout: initTimeoutMs,
    execute: operations.run,
    subscribe: operations.run,

    onConnect({ connectionParams, extra: { req, admit } }) {
      const given = connectionParams?.authorization ?? connectionParams?.Authorization ?? req.headers.authorization;
      guard.checkToken(typeof given === 'string' ? given : undefined, 'connect with {"authorization": "Bearer TOKEN"}');
      admit();
    },

    async onSubscribe({ extra: { signal, places } }, _id, payload) {
      const { trace, end } = traceOperation(logger);
      const taken: (() => void)[] = [];
      running.set(payload, {
        show: (errors) => shownErrors(errors, logger, trace),
        end() {
          for (const giveBack of taken) giveBack();
          end({ method: 'WebSocket' });
        },
      });
      try {
        const args = operations.prepare({ ...payload, query: documents.textFor(payload) }, { trace, signal });
        if (!('document' in args)) return args;
        taken.push(places.take());
        if (isSubscription(args)) taken.push(limits.subscriptions.take());
        return args;
      } catch (error) {
        for (const giveBack of taken) giveBack();
        return [asGraphQLError(error)];
      }
    },

    onNext(_context, _id, payload, _args, { errors, data }) {
      const show = running.get(payload)?.show;
      return errors && show ? formatted({ errors: show(errors), data }) : undefined;
    },

    onError(_context, _id, payload, errors) {
      const operation = running.get(payload);
      const shown = operation?.show(errors) ?? [];
      operation?.end();
      return shown.map(formattedError);
    },

    onComplete(_context, _id, payload) {
      running.get(payload)?.end();
    },
  });
}
