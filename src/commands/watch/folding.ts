/** How much of a tree is shown. */
export interface Folding {
  /** Runs before a restart. */
  readonly earlier: boolean;
  /** What is inside parts that completed. */
  readonly insideDone: boolean;
  /** Down to which level it is shown what is inside parts: those of the run itself are at level 1. */
  readonly depth: number;
  readonly doneParts: boolean;
  readonly doneNodes: boolean;
  /** Most parts of one node. */
  readonly parts: number;
}

const ALL: Folding = {
  earlier: true,
  insideDone: true,
  depth: Number.POSITIVE_INFINITY,
  doneParts: true,
  doneNodes: true,
  parts: Number.POSITIVE_INFINITY,
};
const OPEN: Folding = { ...ALL, earlier: false, insideDone: false };
const TIGHT: Folding = { ...OPEN, doneParts: false, doneNodes: false };

/** From all to what matters most: what is done is folded first, what failed or runs last. */
export const FOLDINGS: readonly Folding[] = [
  ALL,
  OPEN,
  { ...OPEN, doneParts: false },
  TIGHT,
  ...[5, 4, 3, 2, 1, 0].map((depth) => ({ ...TIGHT, depth })),
  ...[50, 20, 10, 5, 2, 1].map((parts) => ({ ...TIGHT, depth: 0, parts })),
];
