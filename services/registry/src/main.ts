import { registrySettings } from './config.js';
import { createRegistryService } from './service.js';

const DRAIN_MS = 8_000;

const stopping = new AbortController();
const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());

try {
  const service = await createRegistryService(registrySettings.read(process.env), {
    stopping: stopping.signal,
  });
  await stopped;
  setTimeout(() => process.exit(1), DRAIN_MS).unref();
  await service.stop();
  process.exit(0);
} catch (error) {
  if (stopping.signal.aborted) process.exit(0);
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
