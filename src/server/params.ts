import type { IncomingMessage } from 'node:http';
import type { GraphQLParams } from 'graphql-yoga';
import { readJson } from './body.ts';
import { queryOf } from './paths.ts';
import { Refusal } from './refusal.ts';
import type { DocumentParams, TrustedDocuments } from './trustedDocuments.ts';

export type Params = GraphQLParams & { readonly query: string };

/**
 * What a request asks of GraphQL: from the URL of a GET, or from the body of a POST.
 *
 * @throws Refusal if there is no such thing to be had.
 */
export async function readParams(
  req: IncomingMessage,
  maxBodyBytes: number,
  documents: TrustedDocuments,
): Promise<Params> {
  if (req.method === 'GET') return checked(fromUrl(new URLSearchParams(queryOf(req))), documents);
  if (req.method === 'POST') return checked(await readJson(req, maxBodyBytes), documents);
  throw new Refusal(405, 'BAD_REQUEST', 'Use GET or POST.', { allow: 'GET, POST' });
}

function fromUrl(search: URLSearchParams): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const name of ['query', 'documentId', 'operationName', 'variables', 'extensions']) {
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

function checked(params: unknown, documents: TrustedDocuments): Params {
  if (Array.isArray(params)) {
    throw new Refusal(400, 'BAD_REQUEST', 'Send one operation per request: batches are not taken.');
  }
  const given: GraphQLParams & DocumentParams = typeof params === 'object' && params !== null ? params : {};
  const { query, documentId, ...others } = given;
  for (const [name, value] of Object.entries(others)) if (value !== null) checkOther(name, value);
  return { ...others, query: documents.textFor(given) };
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
