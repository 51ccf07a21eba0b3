/**
 * A place in the changes of a lythonic file, as a cursor carries it. The file keeps no history, but new rows, and rows that a
 * restart replaced, have rowids above all others; what else changes are rows that had not ended. So a mark holds up to which
 * rowids rows were told, and the open ones among those, each with a print of what was told. It needs no memory of ours:
 * it is good after a restart of the server too.
 */
export interface Mark {
  /** The newest run when the mark was made: if it is not there any more, the file is another one, or its rows were renumbered. */
  readonly anchor: Anchor;
  /** The rows up to these rowids were told. */
  readonly runs: number;
  readonly nodes: number;
  readonly edges: number;
  readonly openRuns: Open;
  readonly openNodes: Open;
}

export interface Anchor {
  readonly rid: number;
  readonly runId: string;
}

/** Rowids of rows that may still change in place, and prints of their state. */
export type Open = ReadonlyMap<number, number>;

export function writeMark({ anchor, runs, nodes, edges, openRuns, openNodes }: Mark): string {
  const parts = [anchor.rid, print(anchor.runId), runs, nodes, edges];
  return JSON.stringify([...parts, [...openRuns].flat(), [...openNodes].flat()]);
}

/** A mark, with the anchor's print for its id; null for what is none. */
export function readMark(text: string): (Omit<Mark, 'anchor'> & { anchor: { rid: number; print: number } }) | null {
  const [rid, anchorPrint, runs, nodes, edges, openRuns, openNodes] = parsed(text);
  if (!isCount(rid) || !isCount(anchorPrint) || !isCount(runs) || !isCount(nodes) || !isCount(edges)) return null;
  const open = { openRuns: pairs(openRuns), openNodes: pairs(openNodes) };
  return { anchor: { rid, print: anchorPrint }, runs, nodes, edges, ...open };
}

/** A number for a text, another one for nearly every other: FNV-1a. */
export function print(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function parsed(text: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

function pairs(list: unknown): Open {
  const open = new Map<number, number>();
  if (!Array.isArray(list)) return open;
  for (let i = 0; i + 1 < list.length; i += 2) {
    const [rid, state]: unknown[] = [list[i], list[i + 1]];
    if (isCount(rid) && isCount(state)) open.set(rid, state);
  }
  return open;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
