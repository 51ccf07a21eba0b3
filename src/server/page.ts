import type { ServerResponse } from 'node:http';
import { COMMON_HEADERS } from './commonHeaders.ts';
import { GRAPHQL_PATH } from './paths.ts';

/** What a visitor can run at once: the newest runs, their nodes, and what ran inside those. The README shows it too. */
export const EXAMPLE_QUERY = `query RecentRuns {
  dagRuns(first: 10) {
    nodes {
      runId
      dagNsref
      status
      startedAt
      durationMs
      nodes {
        nodeLabel
        status
        error
        subDags {
          key
          run {
            runId
            status
            nodes {
              nodeLabel
              status
            }
          }
        }
      }
    }
  }
}
`;

/** The page brings all that it needs: it may load nothing, and talk to nobody but this server. */
const POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob:",
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  'worker-src blob:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

let rendered: Promise<Buffer> | undefined;

/** Sends GraphiQL. It holds no data, so it needs no token: a visitor puts the token into its headers. */
export async function sendPage(res: ServerResponse): Promise<void> {
  rendered ??= render();
  const page = await rendered;
  res.writeHead(200, {
    ...COMMON_HEADERS,
    'content-type': 'text/html; charset=utf-8',
    'content-length': page.length,
    'content-security-policy': POLICY,
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
  });
  res.end(page);
}

async function render(): Promise<Buffer> {
  // Nine megabytes that only visitors with a browser need.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return Buffer.from(renderGraphiQL({ title: 'dagloupe', endpoint: GRAPHQL_PATH, defaultQuery: EXAMPLE_QUERY }));
}
