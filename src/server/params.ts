import type { IncomingMessage } from 'node:http';
import type { GraphQLParams } from 'graphql-yoga';
import { readJson } from './body.ts';
import { queryOf } from './paths.ts';
import { Refusal } from './refusal.ts';

export type Params = GraphQLParams & { readonly query: string };

/**
 * What a request asks of GraphQL: from the URL of a GET, or from the body of a POST.
 *
 * @throws Refusal if there is no such thing to be had.
 */
export async function readParams(req: IncomingMessage, maxBodyBytes: number): Promise<Params> {
  if (req.method === 'GET') return checked(fromUrl(new URLSearchParams(queryOf(req))));
  if (req.method === 'POST') return checked(await readJson(req, maxBodyBytes));
  throw new Refusal(405, 'BAD_REQUEST', 'Use GET or POST.', { allow: 'GET, POST' });
}

function fromUrl(search: URLSearchParams): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const name of ['query', 'operationName', 'variables', 'extensions']) {
    const text = search.get(name);
    if (text) params[name] = name === 'variables' || name === 'extensions' ? parsed(name, text) : text;
  }
  return params;
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'BAD_REQUEST', `The parameter "${name}" in the URL is not JSON.`);
  }
}

function checked(params: unknown): Params {
  if (Array.isArray(params)) {
    throw new Refusal(400, 'BAD_REQUEST', 'Send one operation per request: batches are not taken.');
  }
  if (typeof params !== 'object' || params === null || !('query' in params) || typeof params.query !== 'string') {
    throw new Refusal(400, 'BAD_REQUEST', 'Send a GraphQL document as "query", such as {"query": "{ __typename }"}.');
  }
  const { query, ...others } = params;
  for (const [name, value] of Object.entries(others)) if (value !== null) checkOther(name, value);
  return { query, ...others };
}

function checkOther(name: string, value: unknown): void {
  switch (name) {
    case 'operationName':
      if (typeof value === 'string') return;
      throw new Refusal(400, 'BAD_REQUEST', '"operationName" has to be a string.');
    case 'variables':
    case 'extensions':
      if (typeof value === 'object' && !Array.isArray(value)) return;
      throw new Refusal(400, 'BAD_REQUEST', `"${name}" has to be an object.`);
    default:
      throw new Refusal(400, 'BAD_REQUEST', `A request has no parameter ${JSON.stringify(name)}: leave it out.`);
  }
}
