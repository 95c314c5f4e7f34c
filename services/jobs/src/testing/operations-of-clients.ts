// What clients and operators do: submit, cancel, retry, set limits.
import { expect } from 'vitest';
import { cancelItems } from '../application/cancel-items.js';
import { cancelJob } from '../application/cancel-job.js';
import { retryJob } from '../application/retry-job.js';
import { setQueueLimits } from '../application/set-queue-limits.js';
import { startDefinition } from '../application/start-definition.js';
import type { Engine } from './engine.js';
import { handedOver } from './engine-tables.js';
import { KEY_HOURS, OF_DEFINITION, type Model } from './job-model.js';
import * as moves from './job-model-moves.js';
import { codesOf, pick, refusalOf, type Operation } from './operation.js';
import { adoptGift } from './operations-of-seats.js';
import { checks, limitDefinition, valueOf } from './stored-jobs.js';

export interface SubmitChoice {
  /** Which of the organizations. */
  readonly of: number;
  readonly items: number;
  readonly maxAttempts: number;
  readonly priority: number;
  readonly key: string | null;
  /** In so many hours. */
  readonly startIn: number | null;
  readonly dueIn: number | null;
}

/** A new job, and to which worker it was handed by the statement that wrote it. */
interface Accepted {
  readonly jobId: string;
  readonly gift: Awaited<ReturnType<typeof handedOver>>;
}

export const submit = (choice: SubmitChoice): Operation => ({
  name: `submit ${JSON.stringify(choice)}`,
  repeatable: choice.key !== null,
  plan(model) {
    const { items: count, maxAttempts, priority, key } = choice;
    const organizationId = model.organizations[choice.of] as string;
    const hours = (ahead: number | null): number | null => (ahead === null ? null : model.now + ahead);
    const startsAt = hours(choice.startIn);
    const deadline = hours(choice.dueIn);
    return {
      perform: (engine) =>
        engine
          .submit({
            organizationId,
            items: Array.from({ length: count }, (_, index) => JSON.stringify({ index })),
            maxAttempts,
            priority,
            idempotencyKey: key,
            startAt: timeOf(model, startsAt),
            deadline: timeOf(model, deadline),
          })
          .then(
            async (jobId): Promise<Accepted> => ({ jobId, gift: await handedOver(engine, jobId) }),
            (error: unknown) => {
              const refused = refusalOf(error);
              if (['IDEMPOTENCY_CONFLICT', 'BAD_USER_INPUT'].includes(refused)) return { refused };
              throw error;
            },
          ),
      apply(later, observed) {
        const text = JSON.stringify({ count, maxAttempts, priority, startsAt, deadline });
        const ownKey = `${organizationId} ${key}`;
        const before = key === null ? undefined : later.keys.get(ownKey);
        if (before !== undefined && later.now - before.at < KEY_HOURS)
          return expect(observed).toMatchObject(
            before.text === text ? { jobId: before.jobId } : { refused: 'IDEMPOTENCY_CONFLICT' },
          );
        if (deadline !== null && deadline <= Math.max(later.now, startsAt ?? later.now))
          return expect(observed).toEqual({ refused: 'BAD_USER_INPUT' });
        const { jobId: id, gift } = observed as Accepted;
        expect(later.jobs.has(id), 'a job id is new').toBe(false);
        if (key !== null) later.keys.set(ownKey, { jobId: id, text, at: later.now });
        const given = { id, organizationId, definitionId: null, maxAttempts, priority, deadline };
        const job = moves.submitted(later, given, count, startsAt === null ? {} : { startsAt });
        if (gift !== undefined) adoptGift(later, job, gift);
      },
    };
  },
});

const timeOf = ({ began }: Model, hours: number | null): Date | null =>
  hours === null ? null : new Date(began.getTime() + hours * 3_600_000);

/** A job of the definition, which may have a limit of its own. */
export const start: Operation = {
  name: 'start the definition',
  repeatable: false,
  plan: ({ definitionId, organizations }) => ({
    perform: async ({ ports, user }) =>
      valueOf(
        await startDefinition(ports, checks, user, 'correlation-1', {
          definitionId,
          inputs: null,
          idempotencyKey: null,
        }),
      ).jobId,
    apply(later, id) {
      const organizationId = organizations[0] as string;
      const given = { ...OF_DEFINITION, id: id as string, organizationId, definitionId, deadline: null };
      moves.submitted(later, given, 1);
    },
  }),
};

/** @param of which organization; undefined: the definition. @param most attempts at once; null: no limit. */
export const limit = (of: number | undefined, most: number | null): Operation => ({
  name: `limit ${of ?? 'the definition'} to ${most}`,
  repeatable: true,
  plan({ organizations, definitionId }) {
    const organizationId = of === undefined ? undefined : organizations[of];
    return {
      perform: async (engine) =>
        organizationId === undefined
          ? limitDefinition(engine, definitionId, most)
          : limitOrganization(engine, organizationId, most),
      apply(later) {
        const scope = organizationId ?? definitionId;
        if (most === null) later.limits.delete(scope);
        else later.limits.set(scope, most);
      },
    };
  },
});

const limitOrganization = async (
  { ports, user }: Engine,
  organizationId: string,
  concurrentAttempts: number | null,
): Promise<unknown> =>
  valueOf(
    await setQueueLimits(ports, { ...user, roles: ['operator'] }, organizationId, {
      concurrentAttempts,
      queuedJobs: null,
    }),
  );

export const cancel = (which: number): Operation => ({
  name: `cancel ${which}`,
  repeatable: false,
  plan(known) {
    const job = pick([...known.jobs.values()].reverse(), which);
    if (job === undefined) return undefined;
    return {
      perform: async ({ ports, user }) => codesOf(await cancelJob(ports, user, job.id)),
      apply: (later, observed) => expect(observed).toBe(moves.cancelled(later, job.id)),
    };
  },
});

/** @param bits which items, the third of them perhaps one that the job does not have. */
export const cancelSome = (which: number, bits: number): Operation => ({
  name: `cancel items ${bits} of ${which}`,
  repeatable: false,
  plan(known) {
    const job = pick([...known.jobs.values()].reverse(), which);
    if (job === undefined) return undefined;
    const most = Math.max(1, Math.min(4, job.items.length + 1));
    const chosen = Array.from({ length: most }, (_, index) => index).filter((index) => (bits >> index) & 1);
    const items = (chosen.length > 0 ? chosen : [0]).slice(0, job.items.length);
    return {
      perform: async ({ ports, user }) => codesOf(await cancelItems(ports, user, job.id, items)),
      apply: (later, observed) => expect(observed).toBe(moves.itemsCancelled(later, job.id, items)),
    };
  },
});

export const retry = (which: number, all: boolean): Operation => ({
  name: `retry ${which} ${all ? 'ALL' : 'FAILED'}`,
  repeatable: false,
  plan(known) {
    const job = pick([...known.jobs.values()].reverse(), which);
    if (job === undefined) return undefined;
    return {
      perform: ({ ports, user }) => retryJob(ports, user, 'correlation-2', job.id, all ? 'ALL' : 'FAILED'),
      apply(later, observed) {
        const outcome = observed as Awaited<ReturnType<typeof retryJob>>;
        const newId = outcome.ok ? outcome.value.jobId : undefined;
        expect(codesOf(outcome)).toBe(moves.retried(later, job.id, all, newId));
      },
    };
  },
});
