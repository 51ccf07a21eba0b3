/** A part of what a group of trials found out. */
export interface Section {
  readonly title: string;
  /** For people. */
  readonly lines: readonly string[];
  /** The same for programs. */
  readonly figures: readonly object[];
}

/** Trials that belong together. Where they are many, only those whose name has `wanted` in it are run. */
export type Group = (wanted: string) => AsyncIterable<Section>;
