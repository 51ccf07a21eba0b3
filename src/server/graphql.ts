import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config.ts';
import { EventStreams } from './eventStreams.ts';
import { createJsonAnswers } from './jsonAnswers.ts';
import type { LiveLimits } from './liveLimits.ts';
import type { Logger } from './log.ts';
import { createOperations, type Operations, type OperationsOptions } from './operations.ts';
import type { Params } from './params.ts';
import type { Trace } from './requestLog.ts';
import type { SendResult } from './yoga.ts';

/** What has to be known to answer GraphQL over HTTP. */
export interface GraphQLOptions<Context extends object> extends OperationsOptions<Context> {
  readonly config: Config;
  readonly limits: LiveLimits;
  readonly logger: Logger;
}

/** One schema, over all that it is asked through. */
export interface GraphQL {
  readonly answer: AnswerGraphQL;
  /** Answers of it that last. */
  readonly streams: EventStreams;
  readonly operations: Operations;
}

/** Answers one operation over HTTP whose parameters were read from the request before. */
export type AnswerGraphQL = (
  req: IncomingMessage,
  res: ServerResponse,
  operation: { readonly params: Params; readonly trace: Trace },
) => Promise<void>;

export function createGraphQL<Context extends object>(options: GraphQLOptions<Context>): GraphQL {
  const { config, limits, logger } = options;
  const streams = new EventStreams(config.keepAliveMs);
  const operations = createOperations(options);
  const answerJson = createJsonAnswers(operations, config, logger);
  let sendResult: Promise<SendResult> | undefined;
  const loadYoga = async (): Promise<SendResult> => {
    const { createSendResult } = await import('./yoga.ts');
    return createSendResult({ streams, limits, logger });
  };
  const answer: AnswerGraphQL = async (req, res, operation) => {
    const result = await answerJson(req, res, operation);
    if (!result) return;
    // Twenty megabytes and a third of the start, for what many servers are never asked.
    sendResult ??= loadYoga();
    await (await sendResult)(req, res, { ...operation, result });
  };
  return { answer, streams, operations };
}
