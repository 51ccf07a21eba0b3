/**
 * Expansion keys: which part of which composite node a sub-run is. `label[k]`, `label[]`, `label[branch]`, `label[i:branch]`,
 * and from older files `label/call`.
 */

/** The key of a sub-run, or null where its name does not begin with its parent's, as it should. */
export function expansionKey(parentNsref: string, childNsref: string): string | null {
  const prefix = `${parentNsref}/`;
  return childNsref.startsWith(prefix) ? childNsref.slice(prefix.length) : null;
}

/**
 * The label of the node that a key belongs to: the longest one that it begins with, followed by `[` or `/`. Null if there is none.
 * Labels may hold `[` and `/` themselves.
 */
export function ownerOfKey(key: string, labels: Labels): string | null {
  for (let end = key.length - 1; end >= 0; end--) {
    if (key[end] !== '[' && key[end] !== '/') continue;
    const label = key.slice(0, end);
    if (labels.has(label)) return label;
  }
  return null;
}

interface Labels {
  has(label: string): boolean;
}

/** What is to be known of a run to say which part it is. */
interface SubRun {
  readonly runId: string;
  readonly dagNsref: string;
  readonly startedAt: number | string;
}

/** All runs of one part of a composite node. */
export interface Part<Run> {
  readonly key: string;
  /** The newest one. */
  readonly run: Run;
  /** The others, newest first. */
  readonly earlierRuns: readonly Run[];
}

/**
 * What ran inside the nodes of a run, by their labels; of each node in order of key. Under null what belongs to no node.
 * Sub-runs that are not named after their parent are left out.
 */
export function partsByLabel<Run extends SubRun>(
  parentNsref: string,
  subRuns: readonly Run[],
  labels: Labels,
): Map<string | null, Part<Run>[]> {
  const parts = new Map<string, { key: string; run: Run; earlierRuns: Run[] }>();
  for (const run of subRuns.toSorted(newestFirst)) {
    const key = expansionKey(parentNsref, run.dagNsref);
    if (key === null) continue;
    const part = parts.get(key);
    if (part) part.earlierRuns.push(run);
    else parts.set(key, { key, run, earlierRuns: [] });
  }
  const inOrder = [...parts.values()].sort((a, b) => compareKeys(a.key, b.key));
  return Map.groupBy(inOrder, ({ key }) => ownerOfKey(key, labels));
}

function newestFirst(a: SubRun, b: SubRun): number {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? 1 : -1;
  return a.runId < b.runId ? 1 : -1;
}

/** Natural order, for sorting: numbers inside keys count as numbers, so `[2]` comes before `[10]`. Zero for equal keys only. */
export function compareKeys(a: string, b: string): number {
  let atA = 0;
  let atB = 0;
  while (atA < a.length && atB < b.length) {
    const endA = endOfDigits(a, atA);
    const endB = endOfDigits(b, atB);
    if (endA > atA && endB > atB) {
      const order = compareNumbers(a.slice(atA, endA), b.slice(atB, endB));
      if (order !== 0) return order;
      atA = endA;
      atB = endB;
    } else {
      const order = a.charCodeAt(atA++) - b.charCodeAt(atB++);
      if (order !== 0) return order;
    }
  }
  // One may go on where the other ends; or they are the same up to leading zeros, and the text decides.
  return a.length - atA - (b.length - atB) || compareTexts(a, b);
}

function endOfDigits(text: string, start: number): number {
  let end = start;
  while (end < text.length && text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end++;
  return end;
}

/** Compares digits by the number they stand for, however many there are. */
function compareNumbers(a: string, b: string): number {
  const plainA = withoutZeros(a);
  const plainB = withoutZeros(b);
  return plainA.length - plainB.length || compareTexts(plainA, plainB);
}

function withoutZeros(digits: string): string {
  let start = 0;
  while (digits.charCodeAt(start) === 0x30) start++;
  return digits.slice(start);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
