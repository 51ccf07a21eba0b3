import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Config } from '../config.ts';
import type { Store } from '../store/store.ts';
import { Disconnected } from './body.ts';
import { COMMON_HEADERS } from './commonHeaders.ts';
import type { AnswerGraphQL } from './graphql.ts';
import { checkHealth } from './health.ts';
import { logInternalError } from './internalError.ts';
import type { Logger } from './log.ts';
import { sendPage } from './page.ts';
import { readParams } from './params.ts';
import { GRAPHQL_PATH, HEALTH_PATH, pathOf, wantsPage } from './paths.ts';
import { Refusal, sendJson, sendRefusal } from './refusal.ts';
import { createRequestGuard } from './requestGuard.ts';
import { type Trace, traceRequest } from './requestLog.ts';
import type { TrustedDocuments } from './trustedDocuments.ts';

export interface HandlerOptions {
  readonly store: Store;
  readonly config: Config;
  readonly logger: Logger;
  readonly documents: TrustedDocuments;
  readonly answerGraphQL: AnswerGraphQL;
}

/** Takes every request of the server: looks who asks, then goes by the path. */
export function createHandler({ store, config, logger, documents, answerGraphQL }: HandlerOptions): RequestListener {
  const guard = createRequestGuard(config);

  async function route(req: IncomingMessage, res: ServerResponse, trace: Trace): Promise<void> {
    guard.checkSource(req);
    if (pathOf(req) === HEALTH_PATH) return sendHealth(req, res);
    if (pathOf(req) === '/') return redirect(res);
    if (wantsPage(req)) return documents.only ? refusePage() : sendPage(res);
    guard.checkToken(req.headers.authorization);
    if (pathOf(req) !== GRAPHQL_PATH) {
      throw new Refusal(
        404,
        'BAD_REQUEST',
        `There is nothing here. GraphQL is at ${GRAPHQL_PATH}, health at ${HEALTH_PATH}.`,
      );
    }
    const params = await readParams(req, config.maxBodyBytes, documents);
    await answerGraphQL(req, res, { params, trace });
  }

  async function sendHealth(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (req.method !== 'GET' && req.method !== 'HEAD')
      throw new Refusal(405, 'BAD_REQUEST', 'Use GET.', { allow: 'GET, HEAD' });
    const health = await checkHealth(store, logger);
    sendJson(res, health.status === 'ok' ? 200 : 503, health);
  }

  return (req, res) => {
    const trace = traceRequest(logger, req, res);
    route(req, res, trace).catch((error: unknown) => {
      if (error instanceof Disconnected) return;
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'INTERNAL', logInternalError(logger, error));
      trace.codes.add(refusal.code);
      if (res.headersSent) res.destroy();
      else sendRefusal(req, res, refusal);
    });
  };
}

function refusePage(): never {
  throw new Refusal(403, 'FORBIDDEN', 'There is no GraphiQL here: this server runs known documents only.');
}

function redirect(res: ServerResponse): void {
  res.writeHead(302, { ...COMMON_HEADERS, location: GRAPHQL_PATH, 'content-length': 0 });
  res.end();
}
