import type { IncomingMessage } from 'node:http';

/** Where the API is, and the page to try it. */
export const GRAPHQL_PATH = '/graphql';
export const HEALTH_PATH = '/health';

/** The path that a request asks for, as it was sent. */
export function pathOf(req: IncomingMessage): string {
  const url = req.url ?? '';
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

/** What comes after the question mark. */
export function queryOf(req: IncomingMessage): string {
  return (req.url ?? '').slice(pathOf(req).length + 1);
}

/** Whether a person with a browser wants to see GraphiQL. */
export function wantsPage(req: IncomingMessage): boolean {
  return req.method === 'GET' && pathOf(req) === GRAPHQL_PATH && (req.headers.accept ?? '').includes('text/html');
}
