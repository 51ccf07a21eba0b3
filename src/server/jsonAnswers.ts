/** A result as one JSON text: in one go where it is soon written, else in slices. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../config.ts';
import { Disconnected } from './body.ts';
import { type Encoding, encodingFor, MIN_BYTES } from './compression.ts';
import { formatted, type Shown, statusOf } from './errors.ts';
import { isLight, jsonSlices } from './jsonSlices.ts';
import { GRAPHQL_TYPE } from './refusal.ts';

export interface JsonAnswer {
  /** With errors that are fit to be seen. */
  readonly result: Shown;
  /** The media type. */
  readonly type: string;
  /** How long it took to find out, in milliseconds. */
  readonly ms: number;
}

/** What took less time than this to find out is written in one go, which takes about as long again. In milliseconds. */
const QUICK_MS = 10;

export async function sendJsonAnswer(
  res: ServerResponse,
  { result, type, ms }: JsonAnswer,
  config: Config,
): Promise<void> {
  const { errors, data } = result;
  const value = errors ? formatted(result) : { data };
  const isQuick = ms < QUICK_MS || isLight(value);
  const encoding = encodingFor(res.req, config);
  res.statusCode = errors ? statusOf(result, type === GRAPHQL_TYPE) : 200;
  res.setHeader('content-type', `${type}; charset=utf-8`);
  if (config.compress !== 'never') res.setHeader('vary', 'accept-encoding');
  await (isQuick ? sendWhole : sendSlices)(res, value, encoding);
}

async function sendWhole(res: ServerResponse, value: object, encoding: Encoding | undefined): Promise<void> {
  const text = JSON.stringify(value);
  const isWorthIt = encoding !== undefined && text.length >= MIN_BYTES;
  const body = isWorthIt ? await encoding.whole(text) : text;
  res.writeHead(res.statusCode, { ...(isWorthIt && headersOf(encoding)), 'content-length': Buffer.byteLength(body) });
  res.end(body);
}

async function sendSlices(res: ServerResponse, value: object, encoding: Encoding | undefined): Promise<void> {
  res.writeHead(res.statusCode, headersOf(encoding));
  try {
    await (encoding ? pipeline(jsonSlices(value), encoding.stream(), res) : pipeline(jsonSlices(value), res));
  } catch (error) {
    throw isDisconnect(error) ? new Disconnected() : error;
  }
}

function isDisconnect(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function headersOf(encoding: Encoding | undefined): OutgoingHttpHeaders {
  return encoding ? { 'content-encoding': encoding.name } : {};
}
