// The process: settings from the environment, the service, until a signal.
import { runProcess } from '@weft/process';
import { createMarketplaceService, marketplaceConfig } from './index.js';

await runProcess(() => createMarketplaceService(marketplaceConfig.read(process.env)));
