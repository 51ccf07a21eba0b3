import type { IncomingMessage } from 'node:http';
import type { GraphQLParams } from 'graphql-yoga';
import { readJson } from './body.ts';
import { queryOf } from './paths.ts';
import { Refusal } from './refusal.ts';

/**
 * What a request asks of GraphQL: from the URL of a GET, or from the body of a POST. Yoga checks the parts.
 *
 * @throws Refusal if there is no such thing to be had.
 */
export async function readParams(req: IncomingMessage, maxBodyBytes: number): Promise<GraphQLParams> {
  if (req.method === 'GET') return fromUrl(new URLSearchParams(queryOf(req)));
  if (req.method === 'POST') return checked(await readJson(req, maxBodyBytes));
  throw new Refusal(405, 'BAD_REQUEST', 'Use GET or POST.', { allow: 'GET, POST' });
}

function fromUrl(search: URLSearchParams): GraphQLParams {
  const json = (name: string): Record<string, unknown> | undefined => {
    const text = search.get(name);
    if (!text) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      throw new Refusal(400, 'BAD_REQUEST', `The parameter "${name}" in the URL is not JSON.`);
    }
  };
  const text = (name: string): Record<string, string> => {
    const value = search.get(name);
    return value ? { [name]: value } : {};
  };
  const variables = json('variables');
  const extensions = json('extensions');
  return {
    ...text('query'),
    ...text('operationName'),
    ...(variables && { variables }),
    ...(extensions && { extensions }),
  };
}

function checked(body: unknown): GraphQLParams {
  if (Array.isArray(body)) {
    throw new Refusal(400, 'BAD_REQUEST', 'Send one operation per request: batches are not taken.');
  }
  if (typeof body !== 'object' || body === null) {
    throw new Refusal(
      400,
      'BAD_REQUEST',
      'The body has to be a JSON object with "query", and maybe "variables" and "operationName".',
    );
  }
  return body;
}
