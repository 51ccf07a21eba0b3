import type { IncomingMessage } from 'node:http';
import { Turns } from '../schema/turns.ts';
import { checkShape } from './bodyShape.ts';
import { JsonReader } from './jsonReader.ts';
import { Refusal } from './refusal.ts';

/**
 * Reads the JSON body of a request. Nothing beyond the limit is kept, whether or not the request says how long it is; the rest
 * is read and thrown away, so that the client gets to see the answer.
 *
 * Only `application/json` is taken: a browser does not send that to another site without asking first.
 *
 * @throws Refusal: 415 for other types and encodings, 413 LIMIT_EXCEEDED, 400 for what is not JSON.
 */
export async function readJson(req: IncomingMessage, maxBytes: number): Promise<unknown> {
  checkType(req);
  const chunks = await read(req, maxBytes);
  try {
    return lengthOf(chunks) > LARGE ? await parseInSlices(chunks) : parse(Buffer.concat(chunks));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const reason = error instanceof SyntaxError ? error.message : 'it is not UTF-8';
    throw new Refusal(400, 'BAD_REQUEST', `The body is not JSON: ${reason}`);
  }
}

/** A body of so many bytes takes some milliseconds. */
const LARGE = 1024 * 1024;

function lengthOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** The client went away before it had sent everything: nobody waits for an answer. */
export class Disconnected extends Error {}

function checkType({ headers }: IncomingMessage): void {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => /^\s*charset="?([^"]*)"?\s*$/.exec(parameter)?.[1]).find(Boolean);
  if (type.trim() !== 'application/json' || (charset !== undefined && charset !== 'utf-8')) {
    const shown = headers['content-type'] ? `not ${JSON.stringify(headers['content-type'])}` : 'which is missing';
    throw new Refusal(415, 'BAD_REQUEST', `Send the header "Content-Type: application/json", ${shown}.`, {
      'accept-post': 'application/json',
    });
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new Refusal(415, 'BAD_REQUEST', `Send the body as it is, not with Content-Encoding ${encoding}.`, {
      'accept-encoding': 'identity',
    });
  }
}

function read(req: IncomingMessage, maxBytes: number): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    function refuse(): void {
      chunks = [];
      const message = `The body has more than ${maxBytes} bytes. Send less at once, or raise DAGLOUPE_MAX_BODY_BYTES.`;
      reject(new Refusal(413, 'LIMIT_EXCEEDED', message));
    }
    let chunks: Buffer[] = [];
    let size = 0;
    if (Number(req.headers['content-length']) > maxBytes) return refuse();
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else refuse();
    });
    req.on('end', () => resolve(chunks));
    req.on('error', () => reject(new Disconnected()));
    // An error takes long to make, and every request closes.
    req.on('close', () => req.complete || reject(new Disconnected()));
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parse(body: Buffer): unknown {
  checkShape(body);
  return JSON.parse(utf8.decode(body));
}

async function parseInSlices(chunks: readonly Buffer[]): Promise<unknown> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = new JsonReader();
  const turns = new Turns();
  for (const chunk of chunks) {
    reader.push(decoder.decode(chunk, { stream: true }));
    const others = turns.giveWay();
    if (others) await others;
  }
  reader.push(decoder.decode());
  return reader.end();
}
