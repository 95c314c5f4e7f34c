// The life of a process: it starts, runs until a signal, drains for a bounded time and says by its exit code how that went.
const DRAIN_MS = 8_000;

/** @param start is given a signal that aborts as soon as the process is told to stop, also in the middle of starting. */
export async function runProcess(start: (stopping: AbortSignal) => Promise<AsyncDisposable>): Promise<void> {
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) =>
    stopping.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  try {
    const running = await start(stopping.signal);
    await stopped;
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    await running[Symbol.asyncDispose]();
    process.exit(0);
  } catch (error) {
    if (stopping.signal.aborted) process.exit(0);
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
