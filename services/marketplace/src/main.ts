// The process: settings from the environment, the service, until a signal.
import { createMarketplaceService, marketplaceConfig } from './index.js';

const DRAIN_MS = 8_000;

try {
  const service = await createMarketplaceService(marketplaceConfig.read(process.env));
  const stop = (): void => {
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    void service.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
