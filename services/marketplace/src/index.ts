// The public face of the marketplace service.
export { marketplaceConfig, type MarketplaceConfig } from './config.js';
export type { MarketplaceOverrides } from './context.js';
export { buildMarketplaceSchema } from './graphql/schema.js';
export { createMarketplaceService, type MarketplaceService } from './service.js';
