import { Outbox1700000000000, OutboxSources1763000000017, ToldStream1700000000010 } from '@weft/outbox';
import { Job1763000000001 } from './0001-job.js';
import { References1763000000002 } from './0002-references.js';
import { Queue1763000000003 } from './0003-queue.js';
import { Commands1763000000004 } from './0004-commands.js';
import { DefinitionsAndSchedules1763000000005 } from './0005-definitions-and-schedules.js';
import { Webhooks1763000000006 } from './0006-webhooks.js';
import { Batches1763000000007 } from './0007-batches.js';
import { Reading1763000000008 } from './0008-reading.js';
import { DefinitionCommands1763000000009 } from './0009-definition-commands.js';
import { Limits1763000000011 } from './0011-limits.js';
import { Workflows1763000000012 } from './0012-workflows.js';
import { Reruns1763000000013 } from './0013-reruns.js';
import { DeadLetters1763000000014 } from './0014-dead-letters.js';
import { HowJobsEnded1763000000015 } from './0015-how-jobs-ended.js';
import { DefinitionDeadlines1763000000016 } from './0016-definition-deadlines.js';
import { RowsOfAJob1763000000018 } from './0018-rows-of-a-job.js';
import { RegistryJobs1763000000019 } from './0019-registry-jobs.js';
import { DataPools1763000000020 } from './0020-data-pools.js';
import { WhatJobsRanWith1763000000021 } from './0021-what-jobs-ran-with.js';
import { ResultPools1763000000022 } from './0022-result-pools.js';
import { DatasetFiles1763000000023 } from './0023-dataset-files.js';
import { InputTrace1763000000024 } from './0024-input-trace.js';

export const MIGRATIONS = [
  Outbox1700000000000,
  ToldStream1700000000010,
  Job1763000000001,
  References1763000000002,
  Queue1763000000003,
  Commands1763000000004,
  DefinitionsAndSchedules1763000000005,
  Webhooks1763000000006,
  Batches1763000000007,
  Reading1763000000008,
  DefinitionCommands1763000000009,
  Limits1763000000011,
  Workflows1763000000012,
  Reruns1763000000013,
  DeadLetters1763000000014,
  HowJobsEnded1763000000015,
  DefinitionDeadlines1763000000016,
  OutboxSources1763000000017,
  RowsOfAJob1763000000018,
  RegistryJobs1763000000019,
  DataPools1763000000020,
  WhatJobsRanWith1763000000021,
  ResultPools1763000000022,
  DatasetFiles1763000000023,
  InputTrace1763000000024,
];
