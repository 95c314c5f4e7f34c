import { Outbox1700000000000, ToldStream1700000000010 } from '@weft/outbox';
import { Targets1763000000001 } from './0001-targets.js';
import { Artifacts1763000000002 } from './0002-artifacts.js';
import { AttemptsAndLogs1763000000003 } from './0003-attempts-and-logs.js';
import { SizesAndImages1763000000004 } from './0004-sizes-and-images.js';
import { JobInputs1763000000008 } from './0008-job-inputs.js';
import { RecordRevision1763000000009 } from './0009-record-revision.js';
import { DataPools1763000000010 } from './0010-data-pools.js';
import { Environments1763000000011 } from './0011-environments.js';
import { DatasetFiles1763000000012 } from './0012-dataset-files.js';

/** In the order in which they run. */
export const MIGRATIONS = [
  Outbox1700000000000,
  ToldStream1700000000010,
  Targets1763000000001,
  Artifacts1763000000002,
  AttemptsAndLogs1763000000003,
  SizesAndImages1763000000004,
  JobInputs1763000000008,
  RecordRevision1763000000009,
  DataPools1763000000010,
  Environments1763000000011,
  DatasetFiles1763000000012,
];
