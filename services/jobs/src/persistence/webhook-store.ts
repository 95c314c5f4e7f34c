import { pageOf, type Queryable } from '@weft/database';
import type {
  LockedWebhook,
  TakenWebhook,
  WebhookQueue,
  WebhookReader,
  WebhookStore,
  WebhookTryView,
  WebhookView,
} from '../application/webhook-ports.js';
import { UUID } from './job-store.js';
import * as statements from './webhook-statements.js';

/** Lanes looked at by one {@link WebhookQueue.take}. */
const LANES = 100;
const BEFORE_ALL = { organizationId: '00000000-0000-0000-0000-000000000000', host: '' };

export function createWebhookStore(tx: Queryable): WebhookStore {
  return {
    async attach({ id, jobId, organizationId, url, host, sealedSecret }) {
      await tx.query(statements.ATTACH, [id, jobId, organizationId, url, host, sealedSecret]);
    },
    async inherit(heirs) {
      await tx.query(statements.INHERIT, [JSON.stringify(heirs)]);
    },
    async organizationOf(jobId) {
      if (!UUID.test(jobId)) return undefined;
      return (await tx.query<{ organizationId: string }>(statements.OWNER, [jobId]))[0]?.organizationId;
    },
    lock: async (jobId) => (await tx.query<LockedWebhook>(statements.LOCK, [jobId]))[0],
    async restart(id) {
      await tx.query(statements.RESTART, [id]);
    },
  };
}

type TakenRow = TakenWebhook & {
  readonly n: number;
  readonly lastOrganizationId: string;
  readonly lastHost: string;
};

export function createWebhookQueue(database: Queryable): WebhookQueue {
  return {
    async take(request) {
      const from = request.from ?? BEFORE_ALL;
      const rows = await database.query<TakenRow>(statements.TAKE, [
        from.organizationId,
        from.host,
        LANES,
        request.most,
        JSON.stringify(Object.fromEntries(request.busyOrganizations)),
        JSON.stringify(Object.fromEntries(request.busyHosts)),
        request.perOrganization,
        request.perHost,
        request.leaseMs,
      ]);
      const [last] = rows;
      return {
        taken: rows
          .filter((row) => (row.id as string | null) !== null)
          .map(({ n: _n, lastOrganizationId: _organization, lastHost: _host, ...taken }) => taken),
        next:
          last === undefined || last.n < LANES
            ? undefined
            : { organizationId: last.lastOrganizationId, host: last.lastHost },
      };
    },
    async record(taken, result, verdict) {
      await database.query(statements.RECORD, [
        taken.id,
        taken.number,
        verdict.state,
        verdict.state === 'PENDING' ? verdict.waitMs : null,
        result.statusCode,
        result.failure,
        result.message,
        result.response,
        result.durationMs,
      ]);
    },
  };
}

export function createWebhookReader(database: Queryable): WebhookReader {
  return {
    async webhooks(jobIds) {
      const rows = await database.query<WebhookView>(statements.OF_JOBS, [jobIds]);
      const found = new Map(rows.map((row) => [row.jobId, row]));
      return jobIds.map((id) => found.get(id));
    },
    async tries(jobId, beforeNumber, first) {
      const rows = await database.query<WebhookTryView>(statements.TRIES_OF_JOB, [
        jobId,
        beforeNumber,
        first + 1,
      ]);
      return pageOf(rows, first);
    },
  };
}
