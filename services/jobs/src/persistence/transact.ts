import type { Database } from '@weft/database';
import { firstHearing, type CommittedRow } from '@weft/outbox';
import type { Transact } from '../application/ports.js';
import { createBatchStore } from './batch-store.js';
import { createDeadLetterStore } from './dead-letter-store.js';
import { createDeadlineStore } from './deadline-store.js';
import { createDefinitionStore } from './definition-store.js';
import { createJobStore, createSubmissionKeys } from './job-store.js';
import type { Announce } from './job-news.js';
import { createQueueLimitStore } from './queue-reader.js';
import { createRecordStore } from './record-store.js';
import { createReferenceStore } from './reference-store.js';
import { createScheduleStore } from './schedule-store.js';
import { createViewStore } from './view-store.js';
import { createWebhookStore } from './webhook-store.js';
import { createWorkflowStore } from './workflow-store.js';

/**
 * Opens a transaction and hands its stores to the use case.
 * @param carry takes what was committed, for the relay.
 * @param learned is told that a copy of another service's thing is newer now.
 */
export const createTransact =
  (
    database: Database,
    announce: Announce,
    carry: (rows: readonly CommittedRow[]) => void,
    learned: () => void,
  ): Transact =>
  (work) =>
    database.transaction((tx) => {
      const committing = (rows: readonly CommittedRow[]): void => tx.afterCommit(() => carry(rows));
      return work({
        jobs: createJobStore(tx, announce, committing),
        keys: createSubmissionKeys(tx),
        references: createReferenceStore(tx, () => tx.afterCommit(learned)),
        definitions: createDefinitionStore(tx),
        schedules: createScheduleStore(tx),
        webhooks: createWebhookStore(tx),
        records: createRecordStore(tx, committing),
        views: createViewStore(tx),
        batches: createBatchStore(tx),
        workflows: createWorkflowStore(tx),
        deadLetters: createDeadLetterStore(tx),
        deadlines: createDeadlineStore(tx),
        queueLimits: createQueueLimitStore(tx),
        firstHearing: (consumer, messageId) => firstHearing(tx, consumer, messageId),
        afterCommit: (callback) => tx.afterCommit(callback),
      });
    });
