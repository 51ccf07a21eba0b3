import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Connection } from '../../../src/store/embedded/connection.ts';
import { nodePayloads, runPayloads } from '../../../src/store/embedded/payloads.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** Texts in SQL, and bytes that are none: a file of others may hold anything. */
const TEXTS = [
  "'plain'",
  "'ü€😀'",
  "'\ufeffa mark of byte order'",
  "'a zero ' || char(0) || ' in it'",
  ...['22ff22', 'e282', 'eda080', 'f09f9841'].map((bytes) => `x'${bytes}'`),
];

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

test.for(['UTF-8', 'UTF-16le', 'UTF-16be'])('Large texts of a file in %s are read as small ones are', (encoding) => {
  const db = new Connection(`${folder}/${encoding}.db`, { create: true });
  db.pragma(`encoding = '${encoding}'`);
  db.script(`CREATE TABLE run_payloads (run_id, source_inputs_json, sink_outputs_json);
    CREATE TABLE node_payloads (run_id, node_label, input_json, output_json)`);
  for (const [index, text] of TEXTS.entries()) {
    const large = `replace(hex(zeroblob(35000)), '00', ${text})`;
    db.run(`INSERT INTO run_payloads VALUES ('run ${index}', ${text}, ${large})`);
    db.run(`INSERT INTO node_payloads VALUES ('run', 'node ${index}', CAST(${large} AS BLOB), NULL)`);
  }
  const runIds = TEXTS.map((_, index) => `run ${index}`);
  const nodes = TEXTS.map((_, index) => ({ runId: 'run', nodeLabel: `node ${index}` }));
  expect(runPayloads(db, runIds)).toEqual(runPayloads(db, runIds, Number.MAX_SAFE_INTEGER));
  expect(nodePayloads(db, nodes)).toEqual(nodePayloads(db, nodes, Number.MAX_SAFE_INTEGER));
  expect(nodePayloads(db, nodes)).toHaveLength(TEXTS.length);
  db.close();
});
