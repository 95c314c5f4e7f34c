// A user asks for a report; a job of the registry's makes it.
import { outcomeOf, refuse, type Outcome } from '@weft/errors';
import { organizationIds } from '@weft/identity';
import { REPORT_FORMATS, REPORT_LIMITS, REPORT_SUBTYPES, type ReportFormat } from '../domain/report.js';
import type { Caller } from './item-ports.js';
import { NO_SUCH_ITEM, writerOf } from './item-rights.js';
import type { ReportPorts } from './report-ports.js';

export interface RequestReportInput {
  readonly id: string;
  readonly depth?: number | null;
  readonly formats?: readonly ReportFormat[] | null;
}

export type RequestReport = ReturnType<typeof requestReport>;

export const requestReport =
  ({ transact, newId }: ReportPorts) =>
  (
    caller: Caller,
    { id, depth, formats }: RequestReportInput,
  ): Promise<Outcome<{ readonly reportId: string }>> =>
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
        if ((await tx.countUnderWay(userId)) >= REPORT_LIMITS.underWay)
          refuse(
            'RATE_LIMITED',
            `${REPORT_LIMITS.underWay} reports of yours are on their way; wait for them.`,
          );
        const [reportId, jobId] = [newId(), newId()];
        await tx.request(
          {
            ...{ id: reportId, userId, organizationId, depth: steps, jobId, subject },
            formats: REPORT_FORMATS.filter((format) => wanted.has(format)),
            viewer: { principals, organizations: organizationIds(actor) },
          },
          caller.correlationId,
        );
        return { reportId };
      }),
    );
