import { defineConfig } from '@weft/config';
import { serviceSettings } from '@weft/process';
import { pidSettings } from './pids/pid-settings.js';

/** The settings of the registry service; `docs/processes.md` says how they fit together. */
export const registryConfig = defineConfig('registry service', { ...serviceSettings, ...pidSettings });

export type RegistryConfig = ReturnType<typeof registryConfig.read>;
