export { persevere } from './persevere.js';
export { runProcess } from './run-process.js';
export { actorVerifierOf, serviceSettings, type ServiceSettings } from './service-settings.js';
export { createWorkerPool, type Answer, type WorkerPool, type WorkerPoolOptions } from './worker-pool.js';
export { patience } from './patience.js';
