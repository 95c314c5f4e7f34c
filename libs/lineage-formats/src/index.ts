export { crateFaults, type CrateLevel } from './crate-faults.js';
export {
  openLineageEvents,
  type DatasetUse,
  type EventType,
  type Facet,
  type JobName,
  type OpenLineageDataset,
  type OpenLineageEvent,
  type RunHistory,
  type RunReference,
  type RunState,
  type SourceCode,
  type Tag,
} from './openlineage.js';
export { METADATA_FILE, roCrate, type RoCrate } from './ro-crate.js';
export type { Entity, Reference } from './crate-graph.js';
export type {
  CrateAction,
  CrateAgent,
  CrateData,
  CrateFile,
  CrateReference,
  CrateRun,
  CrateSoftware,
  CrateStep,
  CrateWorkflow,
} from './crate-model.js';
