const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Aborted when the process is told to stop, by Ctrl-C or by its supervisor. Told again, the process ends at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(1);
      controller.abort();
    });
  }
  return controller.signal;
}
