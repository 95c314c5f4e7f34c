// What makes a process a worker: it claims slices of jobs from jobs, keeps their leases, and reports their ends.
export { startWorker, type Worker, type WorkerOptions } from './start-worker.js';
export {
  failedItem,
  succeededItem,
  type RunContext,
  type ReportAccepted,
  type RunInProcess,
} from './run-attempt.js';
// For workers that run what they claim elsewhere.
export { createBackoff, type Backoff } from './backoff.js';
export { fetchValue, persist } from './input-value.js';
export { type Lease, type LeaseKeeper, type LeaseListener } from './lease-keeper.js';
export { type OpenedFile, type OtherReader, type OtherValue } from './read-others.js';
export { createReportBox, type ReportBox } from './report-box.js';
export { serveTarget, type ServedTarget, type ServeTargetOptions } from './serve-target.js';
export { storeArtifact, type MadeFile } from './store-artifact.js';
export { type AttemptRun } from './target-loop.js';
export { ask, createWorkClient, mayAskAgain, readAnswer, type WorkClient } from './work-client.js';
