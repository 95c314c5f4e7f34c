// A user asks for a report; a job of the registry's makes it.
import { outcomeOf, refuse, type Outcome } from '@weft/errors';
import { organizationIds } from '@weft/identity';
import { REPORT_FORMATS, REPORT_LIMITS, REPORT_SUBTYPES, type ReportFormat } from '../domain/report.js';
import type { Caller } from './item-ports.js';
import { NO_SUCH_ITEM, writerOf } from './item-rights.js';
import type { ReportPorts } from './report-ports.js';
import { requestKeyOf, requireSameRequest } from './request-key.js';

export interface RequestReportInput {
  readonly id: string;
  readonly depth?: number | null;
  readonly formats?: readonly ReportFormat[] | null;
  readonly idempotencyKey?: string | null;
}

export interface RequestedReportAnswer {
  readonly reportId: string;
  /** The key had been used for the same input: this is the report of the first time. */
  readonly repeated: boolean;
}

export type RequestReport = ReturnType<typeof requestReport>;

export const requestReport =
  ({ transact, newId, sha256 }: ReportPorts) =>
  (
    caller: Caller,
    { id, depth, formats, idempotencyKey }: RequestReportInput,
  ): Promise<Outcome<RequestedReportAnswer>> =>
    outcomeOf(() =>
      transact(async (tx) => {
        const { userId, actor, principals } = writerOf(caller);
        const wanted = new Set(formats ?? REPORT_FORMATS);
        const steps = depth ?? 1;
        if (steps < 1 || steps > REPORT_LIMITS.depth)
          refuse('BAD_USER_INPUT', `A report goes 1 to ${REPORT_LIMITS.depth} steps up.`, 'input', 'depth');
        if (wanted.size === 0) refuse('BAD_USER_INPUT', 'Name at least one format.', 'input', 'formats');
        if (principals.length > REPORT_LIMITS.principals)
          refuse('FORBIDDEN', 'You are a member of more organizations and teams than a report can note.');
        // Files are for all members of an organization; what this user may read is not.
        const organizationId = actor.personalOrganizationId;
        if (organizationId === undefined)
          refuse('FORBIDDEN', 'A report needs a user with a personal organization, which keeps its files.');
        const subject = await tx.subject(id, principals);
        if (subject === undefined) refuse('NOT_FOUND', NO_SUCH_ITEM, 'input', 'id');
        if (!REPORT_SUBTYPES.some((subtype) => subtype === subject.subtype))
          refuse('BAD_USER_INPUT', 'Reports are made of studies and model runs only.', 'input', 'id');
        const wish = {
          itemId: subject.id,
          depth: steps,
          formats: REPORT_FORMATS.filter((one) => wanted.has(one)),
        };
        const key = requestKeyOf({ sha256 }, organizationId, idempotencyKey, wish);
        const known = key && (await tx.requested(key));
        if (known !== undefined) {
          requireSameRequest(known, key?.inputHash);
          return { reportId: known.reportId, repeated: true };
        }
        if ((await tx.countUnderWay(userId)) >= REPORT_LIMITS.underWay)
          refuse(
            'RATE_LIMITED',
            `${REPORT_LIMITS.underWay} reports of yours are on their way; wait for them.`,
          );
        const [reportId, jobId] = [newId(), newId()];
        await tx.request(
          {
            ...{ id: reportId, userId, organizationId, depth: steps, jobId, subject, key },
            formats: wish.formats,
            viewer: { principals, organizations: organizationIds(actor) },
          },
          caller.correlationId,
        );
        return { reportId, repeated: false };
      }),
    );
