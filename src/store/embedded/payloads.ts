import type { IoPayload, NodeKey } from '../../model.ts';
import type { IoSizes } from '../store.ts';
import type { Connection } from './connection.ts';
import { NODE_KEYS, nodeKeys, textKeys } from './keys.ts';

const OF_RUNS = 'FROM run_payloads AS p WHERE p.run_id IN (SELECT value FROM json_each(@runIds))';
const OF_NODES = `FROM ${NODE_KEYS}
  CROSS JOIN node_payloads AS p ON p.run_id = keys.key AND p.node_label = k.value`;

const ANY_OF_RUNS = `SELECT p.run_id AS runId, ${anyText('p.source_inputs_json')} AS inputJson,
  ${anyText('p.sink_outputs_json')} AS outputJson ${OF_RUNS}`;

const SMALL_OF_RUNS = `SELECT p.run_id AS runId, ${text('p.source_inputs_json')} AS inputJson,
  ${text('p.sink_outputs_json')} AS outputJson ${OF_RUNS} AND ${upToMost('p.source_inputs_json', 'p.sink_outputs_json')}`;

export function runPayloads(
  db: Connection,
  runIds: readonly string[],
  most?: number,
): ({ runId: string } & IoPayload)[] {
  const keys = { runIds: textKeys(runIds) };
  return most === undefined
    ? decoded(db.all<Undecoded & { runId: string }>(ANY_OF_RUNS, keys))
    : db.all(SMALL_OF_RUNS, { ...keys, most });
}

const ANY_OF_NODES = `SELECT p.run_id AS runId, p.node_label AS nodeLabel, ${anyText('p.input_json')} AS inputJson,
  ${anyText('p.output_json')} AS outputJson ${OF_NODES}`;

const SMALL_OF_NODES = `SELECT p.run_id AS runId, p.node_label AS nodeLabel, ${text('p.input_json')} AS inputJson,
  ${text('p.output_json')} AS outputJson ${OF_NODES} WHERE ${upToMost('p.input_json', 'p.output_json')}`;

export function nodePayloads(db: Connection, nodes: readonly NodeKey[], most?: number): (NodeKey & IoPayload)[] {
  const keys = { keys: nodeKeys(nodes) };
  return most === undefined
    ? decoded(db.all<Undecoded & NodeKey>(ANY_OF_NODES, keys))
    : db.all(SMALL_OF_NODES, { ...keys, most });
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

// A foreign file may hold bytes where text should be.
function text(column: string): string {
  return `CAST(${column} AS TEXT)`;
}

/** The driver takes 4 ms to make a text of a MiB that is not all ASCII; to make a text of its bytes takes a tenth of that. */
function anyText(column: string): string {
  // In a file in UTF-16, one sign has two bytes.
  return `iif(octet_length(${column}) > 65536 AND octet_length('x') = 1, CAST(${column} AS BLOB), ${text(column)})`;
}

interface Undecoded {
  inputJson: string | Buffer | null;
  outputJson: string | Buffer | null;
}

/** In place, since they can be many. */
function decoded<Row extends Undecoded>(rows: Row[]): (Omit<Row, keyof Undecoded> & IoPayload)[] {
  for (const row of rows) {
    if (row.inputJson instanceof Buffer) row.inputJson = row.inputJson.toString();
    if (row.outputJson instanceof Buffer) row.outputJson = row.outputJson.toString();
  }
  return rows as unknown as (Omit<Row, keyof Undecoded> & IoPayload)[];
}
