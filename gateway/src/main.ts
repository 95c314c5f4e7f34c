import { once } from 'node:events';
import { AppError } from '@weft/errors';
import { gatewayConfig } from './config.js';
import { createGateway } from './gateway.js';

try {
  const config = gatewayConfig.read(process.env);
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped.abort());
  await using _gateway = await createGateway(config);
  if (!stopped.signal.aborted) await once(stopped.signal, 'abort');
} catch (error) {
  process.stderr.write(
    `${error instanceof AppError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exitCode = 1;
}
