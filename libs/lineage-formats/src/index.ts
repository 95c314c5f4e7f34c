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
