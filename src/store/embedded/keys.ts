import type { NodeKey } from '../../model.ts';

/** Keys as one JSON text, for `json_each`: any number of them in one prepared statement. */
export function textKeys(keys: readonly string[]): string {
  return JSON.stringify(keys);
}

/** Selects, of a row that a key `k` of `textKeys` found, the place of that key: a text made for every row costs more than a number. */
export const PLACE_OF_RUN = 'k.key AS runId';

/** A row as it is read with `PLACE_OF_RUN`. */
export type Placed<Row> = Omit<Row, 'runId'> & { runId: unknown };

/** Puts, in place, the keys where their places are. */
export function withRunIds<Row extends { readonly runId: string }>(
  runIds: readonly string[],
  rows: Placed<Row>[],
): Row[] {
  for (const row of rows) row.runId = runIds[row.runId as number];
  return rows as unknown as Row[];
}

/** As `textKeys`, for `NODE_KEYS`. By run: to take a key apart in SQL costs more than to look it up. */
export function nodeKeys(keys: readonly NodeKey[]): string {
  const labels = new Map<string, string[]>();
  for (const { runId, nodeLabel } of keys) {
    const known = labels.get(runId);
    if (known) known.push(nodeLabel);
    else labels.set(runId, [nodeLabel]);
  }
  return JSON.stringify(Object.fromEntries(labels));
}

/** What a statement selects the keys of nodes from: `keys.key` is the run, `k.value` the label. */
export const NODE_KEYS = 'json_each(@keys) AS keys CROSS JOIN json_each(keys.value) AS k';

/** Words of our own, none with a quote in it, as what follows IN in a statement. */
export function inList(words: readonly string[]): string {
  return `(${words.map((word) => `'${word}'`).join(', ')})`;
}
