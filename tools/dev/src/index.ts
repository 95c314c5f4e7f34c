export { run, type RunOptions } from './run.js';
export { readRunFile, type Address, type RunFile } from './run-file.js';
export { settings } from './settings.js';
export type { NodePart } from './parts.js';
export type { World } from './world.js';
