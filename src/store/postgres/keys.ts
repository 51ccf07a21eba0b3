import type { NodeKey } from '../../model.ts';
import type { Value } from './values.ts';

/** Makes parameters of a statement: puts a value down and gives the text that stands for it, with its type. */
export class Parameters {
  readonly values: Value[] = [];

  readonly bind = (type: string, value: Value): string => `$${this.values.push(value)}::${type}`;
}

/** Keys as two arrays, of runs and of labels, for `unnest`: any number of them in one prepared statement. */
export function nodeKeys(keys: readonly NodeKey[]): [runIds: string[], nodeLabels: string[]] {
  return [keys.map(({ runId }) => runId), keys.map(({ nodeLabel }) => nodeLabel)];
}
