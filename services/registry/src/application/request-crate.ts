// A user asks for the archive of a run with its files; a job of the registry's packs it.
import { outcomeOf, refuse, type Outcome } from '@weft/errors';
import { hasRole } from '@weft/identity';
import { CRATE_LIMITS } from '../domain/crate-archive.js';
import type { CratePorts, CrateSubject } from './crate-ports.js';
import type { Caller } from './item-ports.js';
import { writerOf } from './item-rights.js';
import { requestKeyOf, requireSameRequest } from './request-key.js';

export interface RequestCrateInput {
  readonly jobId?: string | null;
  readonly activityId?: string | null;
  readonly workflowId?: string | null;
  readonly license?: string | null;
  readonly idempotencyKey?: string | null;
}

export type RequestCrate = ReturnType<typeof requestCrate>;

export const requestCrate =
  (ports: CratePorts) =>
  (caller: Caller, input: RequestCrateInput): Promise<Outcome<{ readonly archiveId: string }>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const { userId, actor, principals } = writerOf(caller);
        const { subject, field } = subjectOf(input);
        const licence = input.license ?? null;
        if ((licence?.length ?? 0) > CRATE_LIMITS.licence || licence?.includes('\0') === true)
          refuse(
            'BAD_USER_INPUT',
            `A licence has at most ${CRATE_LIMITS.licence} characters of plain text.`,
            ...['input', 'license'],
          );
        const run = await tx.run(subject, principals);
        if (run === undefined)
          refuse(
            'NOT_FOUND',
            (await tx.isModelRun(subject, principals))
              ? 'Only jobs and workflows are packed. Of a run of a model, exportRoCrate has the metadata and the files.'
              : 'Nothing that you may see has ended under this id.',
            ...['input', field],
          );
        // The archive is for all members, like the files in it; so who may add files to the organization may make it.
        if (!hasRole(actor, run.organizationId, 'MAINTAINER'))
          refuse(
            'FORBIDDEN',
            'This needs the role MAINTAINER in the organization of the run, which keeps the archive.',
            ...['input', field],
          );
        const key = requestKeyOf(ports, run.organizationId, input.idempotencyKey, { subject, licence });
        const known = key && (await tx.keyHolder(run.organizationId, key.key));
        if (known !== undefined) {
          requireSameRequest(known, key?.inputHash);
          return { archiveId: known.id };
        }
        if ((await tx.countUnderWay(userId)) >= CRATE_LIMITS.underWay)
          refuse(
            'RATE_LIMITED',
            `${CRATE_LIMITS.underWay} archives of yours are on their way; wait for them.`,
          );
        const [archiveId, jobId] = [ports.newId(), ports.newId()];
        await tx.request({ id: archiveId, userId, licence, jobId, run, key }, caller.correlationId);
        return { archiveId };
      }),
    );

type Field = 'jobId' | 'activityId' | 'workflowId';

function subjectOf(input: RequestCrateInput): { subject: CrateSubject; field: Field } {
  const fields: readonly Field[] = ['jobId', 'activityId', 'workflowId'];
  const [field, ...more] = fields.filter((one) => input[one] != null);
  if (field === undefined || more.length > 0)
    refuse('BAD_USER_INPUT', 'Name one of jobId, activityId and workflowId.', 'input');
  return { subject: { [field]: input[field] } as unknown as CrateSubject, field };
}
