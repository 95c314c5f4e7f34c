import type { FinalJobState, JobChanged } from '@weft/contracts';
import type { ActivityPorts } from './activity-ports.js';

export interface RegistryJobNews {
  readonly messageId: string;
  readonly correlationId: string;
  readonly job: Pick<JobChanged, 'jobId' | 'retryOf'> & { readonly state: FinalJobState };
}

export interface HearRegistryJobs {
  (consumer: string, news: readonly RegistryJobNews[]): Promise<void>;
}

/** Takes down what came of the jobs of workflows; who follows the item hears of it. */
export const hearRegistryJobs =
  ({ transact }: ActivityPorts): HearRegistryJobs =>
  async (consumer, news) => {
    for (const { messageId, correlationId, job } of news)
      await transact(async (tx) => {
        if (!(await tx.firstHearing(consumer, messageId))) return;
        const item = await tx.stepEnded(job.jobId, job.retryOf, job.state);
        if (item !== undefined) await tx.tell(await tx.touch(item), 'WORKFLOW_CHANGED', correlationId);
      });
  };
