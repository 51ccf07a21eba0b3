import type { IoPayload } from '../../model.ts';
import { type Kept, keep } from './payloadBytes.ts';
import type { Scalar } from './values.ts';

/** What a size says of a payload that is to stay as the database has it. */
export const STAYS = -1;

/** Of each row's payloads where they begin in one parameter, how long they are there, and the size of their text. */
export const PIECES = [
  'input_at int',
  'input_length int',
  'input_bytes int',
  'output_at int',
  'output_length int',
  'output_bytes int',
] as const;

/** The piece of a row `k`, cut out of the first parameter. */
export function piece(which: 'input' | 'output'): string {
  return `substring($1::bytea FROM k.${which}_at FOR k.${which}_length)`;
}

/** Rows whose payloads go together. */
export interface Packed<Row> {
  /** All payloads, as one parameter: bytes in an array would be sent as text of twice their length, and read as such. */
  readonly bytes: Buffer;
  /** Of each row, the columns that `PIECES` names. */
  readonly pieces: readonly { readonly row: Row; readonly places: readonly Scalar[] }[];
}

/** Payloads as they may be put: undefined where the database has them already. */
type Io = { readonly [Field in keyof IoPayload]: IoPayload[Field] | undefined };

/** Most bytes that go together, if not one row alone has more. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Packs the payloads of rows, in parts of a size that can be sent. */
export async function pack<Row>(rows: readonly Row[], ioOf: (row: Row) => Io): Promise<Packed<Row>[]> {
  const kept = await Promise.all(
    rows.map(async (row) => {
      const { inputJson, outputJson } = ioOf(row);
      return { row, input: await keepIfAny(inputJson), output: await keepIfAny(outputJson) };
    }),
  );
  const parts: Packed<Row>[] = [];
  let part: typeof kept = [];
  let bytes = 0;
  for (const one of kept) {
    const length = lengthOf(one.input) + lengthOf(one.output);
    if (part.length > 0 && bytes + length > MAX_BYTES) {
      parts.push(packPart(part));
      part = [];
      bytes = 0;
    }
    part.push(one);
    bytes += length;
  }
  if (part.length > 0) parts.push(packPart(part));
  return parts;
}

type Piece = Kept | null | undefined;

function keepIfAny(text: string | null | undefined): Promise<Kept> | null | undefined {
  return typeof text === 'string' ? keep(text) : text;
}

function lengthOf(piece: Piece): number {
  return piece?.bytes.length ?? 0;
}

function packPart<Row>(
  part: readonly { readonly row: Row; readonly input: Piece; readonly output: Piece }[],
): Packed<Row> {
  const buffers: Buffer[] = [];
  let at = 1;
  const place = (piece: Piece): (number | null)[] => {
    if (!piece) return [null, null, piece === null ? null : STAYS];
    buffers.push(piece.bytes);
    const begin = at;
    at += piece.bytes.length;
    return [begin, piece.bytes.length, piece.size];
  };
  const pieces = part.map(({ row, input, output }) => ({ row, places: [...place(input), ...place(output)] }));
  return { bytes: Buffer.concat(buffers), pieces };
}
