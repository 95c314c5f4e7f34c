import { Args, Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql';
import type { RoleFilter } from '../application/ports.js';
import { ROLES } from '../domain/finished-job.js';
import { recordIdOfJob } from '../domain/job-record.js';
import type { Activity, ProvenanceNode, Relation } from '../domain/node.js';
import { hopsConnection, PageArgs, RelatedItemConnectionType } from './connection.type.js';
import { JobType } from './foreign.type.js';
import { ActivityType, AgentType, ItemType } from './node.type.js';
import type { Provenance } from './provenance.js';
import { ProvenanceRecordType } from './record.type.js';
import type { RegistryContext } from './registry-context.js';

@ObjectType('JobProvenance', { description: 'Where the results of a job came from.' })
export class JobProvenanceType {
  @Field(() => ActivityType, { description: 'The job as an activity, with its agents.' })
  activity!: Activity;
}

@Resolver(() => JobType)
export class JobResolver {
  @FieldResolver(() => JobProvenanceType, {
    nullable: true,
    description:
      'Where its results came from; null until the job has ended and this is recorded, a moment later.',
  })
  async provenance(
    @Root() job: JobType,
    @Ctx() { provenance }: RegistryContext,
  ): Promise<JobProvenanceType | null> {
    const activity = await provenance.activityOfJob(job.id);
    return activity === null ? null : { activity };
  }
}

@Resolver(() => JobProvenanceType)
export class JobProvenanceResolver {
  @FieldResolver(() => ProvenanceRecordType, {
    nullable: true,
    description: 'All that is said of it, as a record; null in the moment before that can be read.',
  })
  record(@Root() { activity }: JobProvenanceType, @Ctx() { records }: RegistryContext) {
    return records.record(recordIdOfJob(activity.id));
  }

  @FieldResolver(() => RelatedItemConnectionType, {
    description:
      'What the job used, each with its role: data, params, code, artifact, definition. What it ran in is told by `environments`.',
  })
  async inputs(
    @Root() { activity }: JobProvenanceType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return hopsConnection(await provenance.hops(activity, 'UPSTREAM', 'USED', page, NOT_ENVIRONMENT));
  }

  @FieldResolver(() => RelatedItemConnectionType, {
    description: 'What the job made; none unless an item of it succeeded.',
  })
  async results(
    @Root() { activity }: JobProvenanceType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return hopsConnection(await provenance.hops(activity, 'DOWNSTREAM', 'WAS_GENERATED_BY', page));
  }

  @FieldResolver(() => RelatedItemConnectionType, {
    description:
      'The code that ran: the service version with the hash of its file (`sha256`), or the hash of a command and its file.',
  })
  async code(
    @Root() { activity }: JobProvenanceType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return hopsConnection(await provenance.hops(activity, 'UPSTREAM', 'USED', page, only('code')));
  }

  @FieldResolver(() => ItemType, {
    nullable: true,
    description:
      'Its plan, after which those associated with it acted: the version of the job definition that it was started by, else the service version. Null of a command without a definition, and where the caller may not see it.',
  })
  async plan(@Root() { activity }: JobProvenanceType, @Ctx() { provenance }: RegistryContext) {
    const used = async (role: 'definition' | 'code') =>
      (await provenance.hops(activity, 'UPSTREAM', 'USED', { first: 10 }, only(role))).rows.map(
        ({ node }) => node,
      );
    const [definition] = await used('definition');
    return definition ?? (await used('code')).find(({ subtype }) => subtype === 'SERVICE_VERSION') ?? null;
  }

  @FieldResolver(() => RelatedItemConnectionType, {
    description:
      'What the job ran in, as its workers told: one for each sort of place; in the role `environment of a failed attempt` what only attempts ran in of which nothing was accepted. None when it never ran, or its workers are too old to say.',
  })
  async environments(
    @Root() { activity }: JobProvenanceType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return hopsConnection(
      await provenance.hops(activity, 'UPSTREAM', 'USED', page, only('environment', 'failedEnvironment')),
    );
  }

  @FieldResolver(() => AgentType, {
    nullable: true,
    description: 'The target on which it ran, or on which its workers were lost; null when it never ran.',
  })
  target(@Root() { activity }: JobProvenanceType, @Ctx() { provenance }: RegistryContext) {
    return agentOf(provenance, activity, 'WAS_ASSOCIATED_WITH', only('target'));
  }

  @FieldResolver(() => AgentType, { nullable: true, description: 'Who submitted it.' })
  submitter(@Root() { activity }: JobProvenanceType, @Ctx() { provenance }: RegistryContext) {
    return agentOf(provenance, activity, 'WAS_ASSOCIATED_WITH', only('submitter'));
  }

  @FieldResolver(() => AgentType, {
    nullable: true,
    description: 'The organization on whose behalf it was submitted.',
  })
  onBehalfOf(@Root() { activity }: JobProvenanceType, @Ctx() { provenance }: RegistryContext) {
    return agentOf(provenance, activity, 'WAS_ASSOCIATED_WITH', only('onBehalfOf'));
  }
}

const only = (...roles: readonly (keyof typeof ROLES)[]) => ({ only: roles.map((role) => ROLES[role]) });
const NOT_ENVIRONMENT = { without: [ROLES.environment, ROLES.failedEnvironment] };

/** The first one; where there may be one only. */
async function agentOf(
  provenance: Provenance,
  node: ProvenanceNode,
  relation: Relation,
  role?: RoleFilter,
): Promise<ProvenanceNode | null> {
  const { rows } = await provenance.hops(node, 'UPSTREAM', relation, { first: 1 }, role);
  return rows[0]?.node ?? null;
}
