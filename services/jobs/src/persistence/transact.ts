import type { Database } from '@weft/database';
import { firstHearing } from '@weft/outbox';
import type { Transact } from '../application/ports.js';
import { createBatchStore } from './batch-store.js';
import { createDefinitionStore } from './definition-store.js';
import { createJobStore, createSubmissionKeys, type Announce } from './job-store.js';
import { createReferenceStore } from './reference-store.js';
import { createScheduleStore } from './schedule-store.js';
import { createWebhookStore } from './webhook-store.js';

/** Opens a transaction and hands its stores to the use case. */
export const createTransact =
  (database: Database, announce: Announce): Transact =>
  (work) =>
    database.transaction((tx) =>
      work({
        jobs: createJobStore(tx, announce),
        keys: createSubmissionKeys(tx),
        references: createReferenceStore(tx),
        definitions: createDefinitionStore(tx),
        schedules: createScheduleStore(tx),
        webhooks: createWebhookStore(tx),
        batches: createBatchStore(tx, announce),
        firstHearing: (consumer, messageId) => firstHearing(tx, consumer, messageId),
        afterCommit: (callback) => tx.afterCommit(callback),
      }),
    );
