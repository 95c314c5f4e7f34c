import { graphqlEnum } from '@weft/subgraph';
import { Field, ID, ObjectType } from 'type-graphql';
import type { JobListChange, JobListNews } from '../application/follow-jobs.js';
import { JobType } from './job.type.js';
import { presentJob } from './present-job.js';

export const JobListChangeKindEnum = graphqlEnum<JobListChange['kind']>(
  'JobListChangeKind',
  'What became of a job in a live list.',
  {
    CHANGED: 'It is in the list: new, or changed. `job` is as it is now.',
    LEFT: 'It is not in the list any more: the filter does not take it now, or it went to an organization that you are not in.',
    DELETED: 'It is gone.',
    REFETCH:
      'Ask `jobs` for the list now, by the same filter: what changed until here is not told one by one. It is how every new subscription begins.',
  },
);

@ObjectType('JobListChange', { description: 'What became of one job in a live list.' })
export class JobListChangeType {
  @Field(() => JobListChangeKindEnum, { description: 'What to do with it.' })
  kind!: JobListChange['kind'];
  @Field(() => ID, {
    nullable: true,
    description:
      'Id of the job; null for REFETCH. LEFT and DELETED may name a job that you do not show: then there is nothing to do.',
  })
  jobId!: string | null;
  @Field(() => JobType, {
    nullable: true,
    description: 'The job as it is now; null when it is gone or may not be seen, and for REFETCH.',
  })
  job!: JobType | null;
}

@ObjectType('JobsChanged', {
  description: 'What happened to a list of jobs since the last payload: of each job the newest only.',
})
export class JobsChangedType {
  @Field(() => String, { description: 'Opaque position to resume from: pass it as `after`.' })
  cursor!: string;
  @Field(() => [JobListChangeType], {
    description:
      'Apply them in this order. Empty in the first payload after a resumption that missed nothing.',
  })
  changes!: JobListChangeType[];
}

export const presentJobListNews = ({ cursor, changes }: JobListNews): JobsChangedType => ({
  cursor,
  changes: changes.map(({ kind, jobId, job }) => ({ kind, jobId, job: job && presentJob(job) })),
});
