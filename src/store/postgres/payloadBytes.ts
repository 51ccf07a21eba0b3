/** How payload texts are kept: one byte that says how, then the text's UTF-8 bytes, as they are or compressed. */
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import { Fault } from '../../errors.ts';

const RAW = 0;
const ZSTD = 1;

/** Smaller texts are not worth compressing, in bytes. */
const WORTH = 1_024;
/** Larger ones would hold the process up, in bytes. */
const MANY = 128 * 1_024;

const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const compressElsewhere = promisify(zstdCompress);
const decompressElsewhere = promisify(zstdDecompress);

/** A text as it is kept, and how many bytes of UTF-8 it has. */
export interface Kept {
  readonly bytes: Buffer;
  readonly size: number;
}

export async function keep(text: string): Promise<Kept> {
  const raw = Buffer.from(text);
  const size = raw.length;
  if (size >= WORTH) {
    const packed = size > MANY ? await compressElsewhere(raw, OPTIONS) : zstdCompressSync(raw, OPTIONS);
    if (packed.length < size * 0.9) return { bytes: Buffer.concat([Buffer.of(ZSTD), packed]), size };
  }
  return { bytes: Buffer.concat([Buffer.of(RAW), raw]), size };
}

/** @throws Fault STORE_CORRUPT */
export async function unpack(bytes: Buffer, size: number): Promise<string> {
  const rest = bytes.subarray(1);
  if (bytes[0] === RAW) return rest.toString();
  const limit = { maxOutputLength: Math.max(size, 1) };
  try {
    return (size > MANY ? await decompressElsewhere(rest, limit) : zstdDecompressSync(rest, limit)).toString();
  } catch (error) {
    throw new Fault('STORE_CORRUPT', 'an input or output is damaged; restore the database from a copy', {
      cause: error,
    });
  }
}
