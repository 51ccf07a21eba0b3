/** Gives the value that a share of all values, from 0 to 1, does not exceed. */
export function quantiles(values: readonly number[]): (share: number) => number {
  const sorted = Float64Array.from(values).sort();
  return (share) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}
