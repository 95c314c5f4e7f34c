import { JobChange } from '../domain/job-change.js';
import { reasonToWait, SYSTEM } from '../domain/job.js';
import { judgeReferences } from '../domain/references.js';
import type { UserError } from '@weft/errors';
import type { Checking } from './checking.js';
import { commitChange } from './commit-change.js';
import { dueJobs } from './due-jobs.js';
import type { Ports } from './ports.js';
import { checksOf } from './submit-job.js';

/**
 * Looks again at jobs that waited for a reference, as long as it may go on: queues those of which all is known now, and
 * refuses those that have waited long enough.
 */
export async function resolveReferences(
  ports: Ports,
  checking: Checking,
  goesOn = (): boolean => true,
): Promise<void> {
  for await (const jobId of dueJobs(ports, (tx) => tx.jobs.resolvable)) {
    if (!goesOn()) return;
    await resolveJob(ports, checking, jobId).catch((error: unknown) => ports.signals.stuck(jobId, error));
  }
}

async function resolveJob(ports: Ports, checking: Checking, jobId: string): Promise<void> {
  await checking(({ schemas }) =>
    ports.transact(async (tx) => {
      const locked = await tx.jobs.lock(jobId);
      const deadline = locked?.job.referenceDeadline;
      if (locked === undefined || deadline === undefined || deadline === null) return;
      const { job, now } = locked;
      const references = await tx.references.find(job.serviceVersionId, job.targetId, locked.input);
      const input = await tx.jobs.inputOfJob(job.id);
      if (input === undefined) throw new Error(`job ${job.id} has no input`);
      const verdict = judgeReferences(job.organizationId, { ...job, ...input }, references);
      const expired = deadline <= now;
      if (verdict.errors.length === 0 && verdict.unknown.length > 0 && !expired) return;
      const errors: UserError[] = [...verdict.errors, ...verdict.unknown];
      // What a step will be given is known, and checked, once what it needs has ended.
      if (errors.length === 0 && references.serviceVersion && job.needsMet !== false) {
        const values = { ...input, items: input.itemParams };
        errors.push(...schemas.check(job.organizationId, checksOf(references.serviceVersion, values)));
      }
      const change = new JobChange(job, locked.items, now);
      change.patchJob({
        referenceDeadline: null,
        serviceId: references.serviceVersion?.serviceId ?? null,
        reason: job.needsMet === false ? 'WAITING_FOR_JOBS' : reasonToWait(job, now),
      });
      const first = errors[0];
      if (first !== undefined) {
        const error = { code: first.code, message: errors.map((one) => one.message).join(' ') };
        change.move(
          change.items('PENDING').map((item) => item.index),
          {
            to: 'FAILED',
            cause: 'REFERENCE_REFUSED',
            actor: SYSTEM,
            message: error.message,
            patch: () => ({ error }),
          },
        );
      }
      await commitChange(ports, tx, locked, change);
    }),
  );
}
