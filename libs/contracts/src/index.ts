// The words that services say to each other. Zod only: no transport, no database, no GraphQL.
export * from './define-event.js';
export * from './jobs/job-state.js';
export * from './jobs/job-changed.v1.js';
export * from './jobs/job-record-changed.v1.js';
export * from './jobs/job-record-updated.v1.js';
export * from './marketplace/service-version-changed.v1.js';
export * from './execution/target-changed.v1.js';
export * from './execution/artifact-stored.v1.js';
export * from './registry/item-changed.v1.js';
export * from './registry/registry-job.js';
export * from './registry/activity-workflow-requested.v1.js';
export * from './registry/registry-batch-requested.v1.js';
export * from './work/subjects.js';
export * from './work/claim-part.js';
export * from './work/protocol.js';
export * from './work/hopeless-failures.js';
export * from './work/exec-protocol.js';
