/** Milliseconds of the machine's monotonic clock: all processes read the same, and nobody sets it. */
export function clock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
