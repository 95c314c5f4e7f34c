export { createGateway, type Gateway, type GatewayOverrides } from './gateway.js';
export { gatewayConfig, type GatewayConfig } from './config.js';
