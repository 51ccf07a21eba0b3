import type { TreePart } from '../transfer.ts';
import type { Changes } from './ledger.ts';

/** A part of a tree, and the version that the tree gets with it. */
export interface RaisedPart extends TreePart {
  readonly raisedTo: number;
}

/** What is to be written of parts of trees, as if a ledger had decided on it. */
export function changesOf(parts: readonly RaisedPart[]): Changes {
  const raised = <Row>(rowsOf: (part: TreePart) => readonly Row[]) =>
    parts.flatMap((part) => rowsOf(part).map((row) => ({ ...row, version: part.raisedTo })));
  return {
    runs: raised(({ runs }) => runs),
    nodes: raised(({ nodes }) => nodes),
    edges: raised(({ edges }) => edges),
    runPayloads: parts.flatMap(({ runPayloads }) => runPayloads),
    nodePayloads: parts.flatMap(({ nodePayloads }) => nodePayloads),
    restarts: parts.flatMap(({ restarts }) => restarts),
    attempts: parts.flatMap(({ attempts }) => attempts),
    rootRunIds: parts.map(({ rootRunId }) => rootRunId),
    trees: parts.map(({ rootRunId, raisedTo }) => ({ rootRunId, version: raisedTo })),
  };
}
