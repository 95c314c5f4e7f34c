// The public face of the execution service.
export { executionConfig, type ExecutionConfig } from './config.js';
export type { ExecutionOverrides } from './context.js';
export { buildExecutionSchema } from './graphql/schema.js';
export { createExecutionService, type ExecutionService } from './service.js';
export { workerConfig, type WorkerConfig } from './worker/config.js';
export { createWorker, type Worker, type WorkerOverrides } from './worker/worker.js';
