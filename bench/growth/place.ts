/** A size of history in a kind of file. */
import { ATTACHED, type FileKind, OWNED, storeFile } from '../stores/storeFile.ts';

export interface Place {
  readonly kind: FileKind;
  readonly runs: number;
  readonly path: string;
}

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
export const [SMALLEST = 0] = SIZES;
export const LARGEST = SIZES.at(-1) ?? 0;

/** The smallest of each kind comes before the others. */
export async function places(): Promise<Place[]> {
  const all: Place[] = [];
  for (const kind of [OWNED, ATTACHED]) {
    for (const runs of SIZES) all.push({ kind, runs, path: await storeFile(kind, runs) });
  }
  return all;
}

export function nameOf({ kind, runs }: { readonly kind: FileKind; readonly runs: number }): string {
  return `${kind.name}, ${runs.toLocaleString('en-US')} runs`;
}
