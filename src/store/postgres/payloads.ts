import type { IoPayload, NodeKey } from '../../model.ts';
import type { IoSizes } from '../store.ts';
import { nodeKeys } from './keys.ts';
import { unpack } from './payloadBytes.ts';
import type { Session } from './session.ts';

const IO = 'p.input, p.input_bytes AS "inputBytes", p.output, p.output_bytes AS "outputBytes"';
const SIZES = 'p.input_bytes AS "inputBytes", p.output_bytes AS "outputBytes"';
const OF_RUNS = 'FROM run_payloads AS p WHERE p.run_id = ANY($1::text[])';
const OF_NODES = `FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (run_id, node_label, place)
  JOIN node_payloads AS p ON p.run_id = k.run_id AND p.node_label = k.node_label`;

/** Payloads of a row as they are kept. */
export interface KeptIo extends IoSizes {
  readonly input: Buffer | null;
  readonly output: Buffer | null;
}

const UP_TO_MOST = 'coalesce(p.input_bytes, 0) + coalesce(p.output_bytes, 0) <=';

const RUN_PAYLOADS = `SELECT p.run_id AS "runId", ${IO} ${OF_RUNS} AND ${UP_TO_MOST} $2::bigint`;

export async function runPayloads(
  session: Session,
  runIds: readonly string[],
  most = Number.MAX_SAFE_INTEGER,
): Promise<({ runId: string } & IoPayload)[]> {
  return texts(await session.all<{ runId: string } & KeptIo>(RUN_PAYLOADS, [runIds, most]));
}

const NODE_PAYLOADS = `SELECT p.run_id AS "runId", p.node_label AS "nodeLabel", ${IO} ${OF_NODES}
  WHERE ${UP_TO_MOST} $3::bigint ORDER BY k.place`;

export async function nodePayloads(
  session: Session,
  keys: readonly NodeKey[],
  most = Number.MAX_SAFE_INTEGER,
): Promise<(NodeKey & IoPayload)[]> {
  return texts(await session.all<NodeKey & KeptIo>(NODE_PAYLOADS, [...nodeKeys(keys), most]));
}

const RUN_PAYLOAD_SIZES = `SELECT p.run_id AS "runId", ${SIZES} ${OF_RUNS}`;

export function runPayloadSizes(session: Session, runIds: readonly string[]): Promise<({ runId: string } & IoSizes)[]> {
  return session.all(RUN_PAYLOAD_SIZES, [runIds]);
}

const NODE_PAYLOAD_SIZES = `SELECT p.run_id AS "runId", p.node_label AS "nodeLabel", ${SIZES} ${OF_NODES} ORDER BY k.place`;

export function nodePayloadSizes(session: Session, keys: readonly NodeKey[]): Promise<(NodeKey & IoSizes)[]> {
  return session.all(NODE_PAYLOAD_SIZES, nodeKeys(keys));
}

/** Rows with their payloads as texts. */
export function texts<Row extends KeptIo>(rows: readonly Row[]): Promise<(Omit<Row, keyof KeptIo> & IoPayload)[]> {
  return Promise.all(
    rows.map(async ({ input, inputBytes, output, outputBytes, ...row }) => ({
      ...row,
      inputJson: input && (await unpack(input, inputBytes ?? 0)),
      outputJson: output && (await unpack(output, outputBytes ?? 0)),
    })),
  );
}
