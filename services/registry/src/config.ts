import { defineConfig } from '@weft/config';
import { serviceSettings } from '@weft/process';

/** The settings of the registry service; `docs/processes.md` says how they fit together. */
export const registryConfig = defineConfig('registry service', serviceSettings);

export type RegistryConfig = ReturnType<typeof registryConfig.read>;
