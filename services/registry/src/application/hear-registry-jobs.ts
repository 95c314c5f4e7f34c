import type { FinalJobState, JobChanged } from '@weft/contracts';
import { ERROR_CODES, isErrorCode, userError, type UserError } from '@weft/errors';
import type { WorkflowState } from '../domain/activity-workflow.js';
import type { ActivityPorts, ActivityWork } from './activity-ports.js';
import type { CratePorts } from './crate-ports.js';
import type { ReportPorts } from './report-ports.js';
import type { ModelRunPorts } from './model-run-ports.js';

export interface RegistryJobNews {
  readonly messageId: string;
  readonly correlationId: string;
  readonly job: Pick<JobChanged, 'jobId' | 'retryOf'> & {
    readonly state: FinalJobState;
    /** Of what ended it. */
    readonly errorCode: string | null;
  };
}

export interface HearRegistryJobs {
  (consumer: string, news: readonly RegistryJobNews[]): Promise<void>;
}

/** Takes down what came of the jobs of workflows, of which who follows the item hears, of reports and of archives. */
export const hearRegistryJobs =
  (
    { transact }: Pick<ModelRunPorts, 'transact'>,
    reports: Pick<ReportPorts, 'transact'>,
    crates: Pick<CratePorts, 'transact'>,
  ): HearRegistryJobs =>
  async (consumer, news) => {
    // Of success reports and archives know by their files. Saying the rest twice changes nothing.
    const unsuccessful = news.flatMap(({ job: { state, ...job } }) =>
      state === 'SUCCEEDED' ? [] : [{ ...job, state }],
    );
    if (unsuccessful.length > 0) {
      await reports.transact((tx) => tx.ended(unsuccessful));
      await crates.transact((tx) => tx.ended(unsuccessful));
    }
    // Most of them are of rows of a batch, of which all is known when they have ended well.
    const concerning = await transact((tx) => tx.concerning(news.map(({ job }) => job)));
    for (const { messageId, correlationId, job } of news)
      if (concerning.has(job.jobId))
        await transact(async (tx) => {
          if (!(await tx.firstHearing(consumer, messageId))) return;
          const { jobId, retryOf, state } = job;
          if (state !== 'SUCCEEDED') await tx.rowEnded(jobId, retryOf, state, whyUnsettled(job));
          await note(tx, job, correlationId);
        });
  };

/** What a row says whose job was not there to say it: it was lost, took too long, or broke off. */
function whyUnsettled({ jobId, state, errorCode }: RegistryJobNews['job']): UserError[] {
  if (state !== 'FAILED') return [];
  const code = isErrorCode(errorCode) ? errorCode : 'INTERNAL';
  const { meaning } = ERROR_CODES[code];
  return [
    userError(code, `Its job ${jobId} failed before the row was judged: ${meaning} Try it again.`, 'record'),
  ];
}

/** The worker has heard that the job succeeded, before the event of it comes. Saying it twice changes nothing. */
export const stepSucceeded =
  ({ transact }: ActivityPorts) =>
  ({ jobId, correlationId }: { readonly jobId: string; readonly correlationId: string }): Promise<void> =>
    transact((tx) => note(tx, { jobId, retryOf: null, state: 'SUCCEEDED' }, correlationId));

async function note(
  tx: ActivityWork,
  job: { readonly jobId: string; readonly retryOf: string | null; readonly state: WorkflowState },
  correlationId: string,
): Promise<void> {
  const item = await tx.stepEnded(job.jobId, job.retryOf, job.state);
  if (item !== undefined) await tx.tell(await tx.touch(item), 'WORKFLOW_CHANGED', correlationId);
}
