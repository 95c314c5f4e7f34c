import { Outbox1700000000000 } from '@weft/outbox';
import { Job1763000000001 } from './0001-job.js';
import { References1763000000002 } from './0002-references.js';
import { Webhooks1763000000006 } from './0006-webhooks.js';

export const MIGRATIONS = [
  Outbox1700000000000,
  Job1763000000001,
  References1763000000002,
  Webhooks1763000000006,
];
