export { createRegistryService, type RegistryOverrides, type RegistryService } from './service.js';
export { registryConfig, type RegistryConfig } from './config.js';
export { buildRegistrySchema } from './graphql/schema.js';
