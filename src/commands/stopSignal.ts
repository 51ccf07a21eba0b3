const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A runner such as npm passes on a Ctrl-C that the terminal has sent to this process too: both are one. */
const SAME_MS = 500;

/** Aborted when the process is told to stop, by Ctrl-C or by its supervisor. Told again later, the process ends at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let toldAt: number | null = null;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (toldAt === null) {
        toldAt = performance.now();
        controller.abort();
      } else if (performance.now() - toldAt > SAME_MS) {
        process.exit(1);
      }
    });
  }
  return controller.signal;
}
