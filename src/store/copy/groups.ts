/** The items in their order, so many at a time. */
export function slices<Item>(items: readonly Item[], length: number): Generator<Item[]> {
  return groups(items, length, length, () => 1);
}

/** The items in their order, in groups of at most so many and at most so much weight; one that is heavier by itself. */
export function* groups<Item>(
  items: readonly Item[],
  most: number,
  heaviest: number,
  weightOf: (item: Item) => number,
): Generator<Item[]> {
  let group: Item[] = [];
  let weight = 0;
  for (const item of items) {
    const more = weightOf(item);
    if (group.length > 0 && (group.length >= most || weight + more > heaviest)) {
      yield group;
      group = [];
      weight = 0;
    }
    group.push(item);
    weight += more;
  }
  if (group.length > 0) yield group;
}
