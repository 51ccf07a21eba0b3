/** Compression of answers: which is wanted, and where it pays. */
import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createGzip, createZstdCompress, gzip, zstdCompress } from 'node:zlib';
import type { Config } from '../config.ts';

/** One way to compress. Both leave the work to other threads. */
export interface Encoding {
  readonly name: 'zstd' | 'gzip';
  whole(text: string): Promise<Buffer>;
  stream(): Transform;
}

/** Below this many bytes, compressing takes longer than a network of 100 Mbit/s takes for what it saves. */
export const MIN_BYTES = 4 * 1024;

/**
 * How to compress the answer to a request; undefined if it is to be sent as it is. A client on this machine gets it so, unless it
 * passes the answer on: there, bytes cost less than compressing them.
 */
export function encodingFor(req: IncomingMessage, { compress }: Pick<Config, 'compress'>): Encoding | undefined {
  if (compress === 'never' || (compress === 'network' && isOnThisMachine(req))) return undefined;
  const accepted = new Set<string>();
  for (const part of String(req.headers['accept-encoding'] ?? '').split(',')) {
    const [name = '', ...parameters] = part.toLowerCase().replaceAll(' ', '').split(';');
    if (!parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) accepted.add(name);
  }
  return ENCODINGS.find(({ name }) => accepted.has(name));
}

const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const GZIP = { level: 1 };
const zstdWhole = promisify(zstdCompress);
const gzipWhole = promisify(gzip);

/** The best first: zstd makes such JSON smaller than the others, in less time. */
const ENCODINGS: readonly Encoding[] = [
  { name: 'zstd', whole: (text) => zstdWhole(Buffer.from(text), ZSTD), stream: () => createZstdCompress(ZSTD) },
  { name: 'gzip', whole: (text) => gzipWhole(text, GZIP), stream: () => createGzip(GZIP) },
];

function isOnThisMachine({ socket, headers }: IncomingMessage): boolean {
  const isForwarded = 'forwarded' in headers || 'x-forwarded-for' in headers;
  return !isForwarded && socket.remoteAddress === socket.localAddress;
}
