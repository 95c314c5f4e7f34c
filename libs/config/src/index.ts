export { booleanSetting, durationMs, portSetting, secret, Secret } from './settings.js';
export { defineConfig, type ConfigDefinition, type Setting } from './define-config.js';
