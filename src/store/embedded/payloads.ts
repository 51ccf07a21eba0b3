import type { IoPayload, NodeKey } from '../../model.ts';
import type { IoSizes } from '../store.ts';
import type { Connection } from './connection.ts';
import { NODE_KEYS, nodeKeys, textKeys } from './keys.ts';

const OF_RUNS = 'FROM run_payloads AS p WHERE p.run_id IN (SELECT value FROM json_each(@runIds))';
const OF_NODES = `FROM ${NODE_KEYS}
  CROSS JOIN node_payloads AS p ON p.run_id = keys.key AND p.node_label = k.value`;

// A foreign file may hold bytes where text should be.
const RUN_PAYLOADS = `SELECT p.run_id AS runId, CAST(p.source_inputs_json AS TEXT) AS inputJson,
  CAST(p.sink_outputs_json AS TEXT) AS outputJson ${OF_RUNS}
  AND ${upToMost('p.source_inputs_json', 'p.sink_outputs_json')}`;

export function runPayloads(
  db: Connection,
  runIds: readonly string[],
  most = Number.MAX_SAFE_INTEGER,
): ({ runId: string } & IoPayload)[] {
  return db.all(RUN_PAYLOADS, { runIds: textKeys(runIds), most });
}

const NODE_PAYLOADS = `SELECT p.run_id AS runId, p.node_label AS nodeLabel, CAST(p.input_json AS TEXT) AS inputJson,
  CAST(p.output_json AS TEXT) AS outputJson ${OF_NODES} WHERE ${upToMost('p.input_json', 'p.output_json')}`;

export function nodePayloads(
  db: Connection,
  keys: readonly NodeKey[],
  most = Number.MAX_SAFE_INTEGER,
): (NodeKey & IoPayload)[] {
  return db.all(NODE_PAYLOADS, { keys: nodeKeys(keys), most });
}

const RUN_PAYLOAD_SIZES = `SELECT p.run_id AS runId,
  octet_length(p.source_inputs_json) AS inputBytes, octet_length(p.sink_outputs_json) AS outputBytes ${OF_RUNS}`;

export function runPayloadSizes(db: Connection, runIds: readonly string[]): ({ runId: string } & IoSizes)[] {
  return db.all(RUN_PAYLOAD_SIZES, { runIds: textKeys(runIds) });
}

const NODE_PAYLOAD_SIZES = `SELECT p.run_id AS runId, p.node_label AS nodeLabel,
  octet_length(p.input_json) AS inputBytes, octet_length(p.output_json) AS outputBytes ${OF_NODES}`;

export function nodePayloadSizes(db: Connection, keys: readonly NodeKey[]): (NodeKey & IoSizes)[] {
  return db.all(NODE_PAYLOAD_SIZES, { keys: nodeKeys(keys) });
}

// octet_length reads a text's header, not the text.
function upToMost(input: string, output: string): string {
  return `ifnull(octet_length(${input}), 0) + ifnull(octet_length(${output}), 0) <= @most`;
}
