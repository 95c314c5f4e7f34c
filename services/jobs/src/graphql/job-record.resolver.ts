import type { JobKind } from '@weft/contracts';
import { encodeCursor, pageRequest } from '@weft/database';
import type { Outcome } from '@weft/errors';
import { hasScope } from '@weft/identity';
import { connectionOf, presentUserErrors, type ConnectionOf } from '@weft/subgraph';
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { deleteJob, setRetention, transferJob, updateJob } from '../application/keep-record.js';
import type { Ports } from '../application/ports.js';
import type { AuditEntry, RecordReader } from '../application/record-ports.js';
import { JobKindEnum } from './job-enums.js';
import {
  DeletedJobConnectionType,
  DeleteJobInput,
  DeleteJobPayload,
  type DeletedJobType,
  JobAuditConnectionType,
  type JobAuditEntryType,
  JobRecordPayload,
  SetJobRetentionInput,
  SetJobRetentionPayload,
  TransferJobInput,
  UpdateJobInput,
} from './job-record.type.js';
import { JobType } from './job.type.js';
import { requireRead, type JobsContext } from './jobs-context.js';
import { presentJob } from './present-job.js';
import { AFTER, FIRST } from './paging.js';
import { noScope } from './write-rights.js';

const presentEntry = ({ actor, changes, ...entry }: AuditEntry): JobAuditEntryType => ({
  ...entry,
  actor: { ...actor },
  changes: changes.map((change) => ({ ...change })),
});

/** The record of a job beside its lifecycle: what it is called, whose it is, whether it is kept. */
@Resolver(() => JobType)
export class JobRecordResolver {
  constructor(
    private readonly ports: Ports,
    private readonly records: RecordReader,
  ) {}

  @Mutation(() => JobRecordPayload, {
    description: 'Changes name, description, priority or tags; needs the role MAINTAINER.',
  })
  async updateJob(
    @Arg('input', () => UpdateJobInput, { description: 'Which job, and what of it.' }) input: UpdateJobInput,
    @Ctx() context: JobsContext,
  ): Promise<JobRecordPayload> {
    const patch = {
      name: input.name ?? undefined,
      description: input.description ?? undefined,
      priority: input.priority ?? undefined,
      tags: input.tags ?? undefined,
    };
    return present(
      context,
      hasScope(context.actor, 'write')
        ? await updateJob(this.ports, context.actor, input.id, patch)
        : noScope,
    );
  }

  @Mutation(() => JobRecordPayload, {
    description:
      'Gives a final job with its logs and artifacts to another organization; needs OWNER in its own and MAINTAINER in the other.',
  })
  async transferJob(
    @Arg('input', () => TransferJobInput, { description: 'Which job, and to whom.' }) input: TransferJobInput,
    @Ctx() context: JobsContext,
  ): Promise<JobRecordPayload> {
    const { actor } = context;
    return present(
      context,
      hasScope(actor, 'write')
        ? await transferJob(this.ports, actor, input.id, input.organizationId)
        : noScope,
    );
  }

  @Mutation(() => DeleteJobPayload, {
    description:
      'Deletes a final job for good, with its inputs, results, logs and artifacts; needs OWNER, or MAINTAINER for a job of your own. Its provenance stays.',
  })
  async deleteJob(
    @Arg('input', () => DeleteJobInput, { description: 'Which job.' }) input: DeleteJobInput,
    @Ctx() context: JobsContext,
  ): Promise<DeleteJobPayload> {
    const { actor } = context;
    const outcome = hasScope(actor, 'write') ? await deleteJob(this.ports, actor, input.id) : noScope;
    return outcome.ok
      ? { deletedJobId: outcome.value.jobId, userErrors: [] }
      : { deletedJobId: null, userErrors: presentUserErrors(outcome.errors) };
  }

  @Mutation(() => SetJobRetentionPayload, {
    description: 'Sets how long an organization keeps its final jobs; needs the role OWNER.',
  })
  async setJobRetention(
    @Arg('input', () => SetJobRetentionInput, { description: 'Whose, and how long.' })
    input: SetJobRetentionInput,
    @Ctx() context: JobsContext,
  ): Promise<SetJobRetentionPayload> {
    const { actor } = context;
    const days = input.days ?? null;
    const outcome = hasScope(actor, 'write')
      ? await setRetention(this.ports, actor, input.organizationId, days)
      : noScope;
    return outcome.ok
      ? { days, userErrors: [] }
      : { days: null, userErrors: presentUserErrors(outcome.errors) };
  }

  @Query(() => Int, {
    nullable: true,
    description: 'How many days an organization of yours keeps its final jobs; null: for ever.',
  })
  jobRetention(
    @Arg('organizationId', () => ID, { description: 'The organization.' }) organizationId: string,
    @Ctx() { actor }: JobsContext,
  ): Promise<number | null> {
    requireRead(actor);
    return this.records.retentionDays(actor, organizationId);
  }

  @Query(() => DeletedJobConnectionType, {
    description: 'What is left of the deleted jobs of your organizations, the last deleted first.',
  })
  async deletedJobs(
    @Ctx() { actor }: JobsContext,
    @Arg('organizationId', () => ID, { nullable: true, description: 'Of this organization only.' })
    organizationId?: string | null,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
    @Arg('kinds', () => [JobKindEnum], {
      nullable: true,
      description: 'Of one of these kinds; all but REGISTRATION when left out or empty.',
    })
    kinds?: JobKind[] | null,
  ): Promise<ConnectionOf<DeletedJobType>> {
    requireRead(actor);
    const page = pageRequest(first, after, ['time', 'uuid']);
    const filter = {
      organizationId: organizationId ?? undefined,
      kinds: kinds == null || kinds.length === 0 ? undefined : kinds,
    };
    const rows = await this.records.deletedJobs(actor, filter, page);
    return connectionOf(
      rows,
      (row) => encodeCursor([row.deletedAt.toISOString(), row.id]),
      (row) => ({ ...row }),
      page.after !== undefined,
    );
  }

  @FieldResolver(() => JobAuditConnectionType, {
    description: 'Who changed what of its record, the oldest first; its lifecycle is `timeline`.',
  })
  async audit(
    @Root() job: JobType,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
  ): Promise<ConnectionOf<JobAuditEntryType>> {
    const page = pageRequest(first, after, ['integer']);
    const rows = await this.records.audit(job.id, Number(page.after?.[0] ?? 0), page.first);
    return connectionOf(rows, (row) => encodeCursor([row.number]), presentEntry, page.after !== undefined);
  }
}

async function present(context: JobsContext, outcome: Outcome<{ jobId: string }>): Promise<JobRecordPayload> {
  if (!outcome.ok) return { job: null, userErrors: presentUserErrors(outcome.errors) };
  const job = await context.jobs.load(outcome.value.jobId);
  return { job: job === undefined ? null : presentJob(job), userErrors: [] };
}
