// The process: settings from the environment, the service, until a signal.
import { runProcess } from '@weft/process';
import { registryConfig } from './config.js';
import { createRegistryService } from './service.js';

await runProcess((stopping) => createRegistryService(registryConfig.read(process.env), { stopping }));
