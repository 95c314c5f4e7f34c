import { hasScope } from '@weft/identity';
import { userError, type Outcome } from '@weft/errors';
import { graphqlEnum, presentUserErrors, UserErrorType } from '@weft/subgraph';
import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from 'type-graphql';
import { deleteDefinition } from '../application/delete-definition.js';
import type { Ports } from '../application/ports.js';
import {
  applyDefinition,
  createDefinition,
  updateDefinition,
  type DefinitionChange,
  type SavedDefinition,
} from '../application/save-definition.js';
import type { Checking } from '../application/checking.js';
import { startDefinition } from '../application/start-definition.js';
import type { Submitted } from '../application/submit-job.js';
import { transferDefinition } from '../application/transfer-definition.js';
import {
  ApplyJobDefinitionInput,
  changed,
  CreateJobDefinitionInput,
  DeleteJobDefinitionInput,
  draftOfInput,
  settingsOf,
  StartJobDefinitionInput,
  TransferJobDefinitionInput,
  UpdateJobDefinitionInput,
} from './definition.input.js';
import { JobDefinitionType, presentDefinition } from './definition.type.js';
import { JobType } from './job.type.js';
import type { JobsContext } from './jobs-context.js';
import { presentJob } from './present-job.js';
import { noScope } from './write-rights.js';

export const DefinitionChangeEnum = graphqlEnum<DefinitionChange>(
  'JobDefinitionChange',
  'What a mutation made of a job definition.',
  {
    CREATED: 'There was none of this name.',
    UPDATED: 'It has a new version.',
    UNCHANGED: 'It was so already: no new version.',
  },
);

@ObjectType('JobDefinitionPayload', { description: 'The job definition as it is now, or why it is not.' })
export class JobDefinitionPayload {
  @Field(() => JobDefinitionType, { nullable: true, description: 'Null when `userErrors` says why.' })
  definition!: JobDefinitionType | null;
  @Field(() => DefinitionChangeEnum, { nullable: true, description: 'What became of it.' })
  change!: DefinitionChange | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The signing secret of its webhook, shown this once, where none was given and so one was made.',
  })
  webhookSecret!: string | null;
  @Field(() => [UserErrorType], {
    description:
      'What it names and is not known yet (REFERENCE_UNKNOWN), so that it can be applied before the service is published. It was saved all the same; a start waits 10 s for it, and ends FAILED where it does not come. Data pools that do not let you use them now are told here, too; a start that finds them so is refused at once.',
  })
  warnings!: UserErrorType[];
  @Field(() => [UserErrorType], { description: 'Everything that is wrong with the input.' })
  userErrors!: UserErrorType[];
}

@ObjectType('DeleteJobDefinitionPayload', { description: 'The deleted job definition, or why it is not.' })
export class DeleteJobDefinitionPayload {
  @Field(() => JobDefinitionType, { nullable: true, description: 'As its jobs still tell of it.' })
  definition!: JobDefinitionType | null;
  @Field(() => [UserErrorType], { description: 'FORBIDDEN without the role OWNER.' })
  userErrors!: UserErrorType[];
}

@ObjectType('StartJobPayload', { description: 'The started job, or why there is none.' })
export class StartJobPayload {
  @Field(() => JobType, {
    nullable: true,
    description: 'The job: durable from now on. Null when `userErrors` says why.',
  })
  job!: JobType | null;
  @Field(() => Boolean, {
    description: 'The idempotency key had been used for the same inputs: this is the job of the first time.',
  })
  repeated!: boolean;
  @Field(() => [UserErrorType], {
    description: 'Everything that is wrong, each input by its path: `["input", "inputs", "depth"]`.',
  })
  userErrors!: UserErrorType[];
}

const noOrganization: Outcome<never> = {
  ok: false,
  errors: [userError('BAD_USER_INPUT', 'Name the organization that will own it.', 'input', 'organizationId')],
};

export async function presentStart(
  context: JobsContext,
  outcome: Outcome<Submitted>,
): Promise<StartJobPayload> {
  if (!outcome.ok) return { job: null, repeated: false, userErrors: presentUserErrors(outcome.errors) };
  const job = await context.jobs.load(outcome.value.jobId);
  return {
    job: job === undefined ? null : presentJob(job),
    repeated: outcome.value.repeated,
    userErrors: [],
  };
}

@Resolver()
export class DefinitionMutationsResolver {
  constructor(
    private readonly ports: Ports,
    private readonly checking: Checking,
    private readonly defaultTargetId: string,
  ) {}

  @Mutation(() => JobDefinitionPayload, { description: 'Stores a job definition under a new name.' })
  async createJobDefinition(
    @Arg('input', () => CreateJobDefinitionInput, { description: 'What it is to be.' })
    input: CreateJobDefinitionInput,
    @Ctx() context: JobsContext,
  ): Promise<JobDefinitionPayload> {
    const owner = this.ownerOf(input, context);
    return this.present(
      context,
      owner.ok
        ? await this.checking(({ typedInputs }) =>
            createDefinition(
              this.ports,
              typedInputs,
              context.actor,
              owner.value,
              draftOfInput(input, this.defaultTargetId),
            ),
          )
        : owner,
    );
  }

  @Mutation(() => JobDefinitionPayload, {
    description: 'Changes a job definition: what changes something makes a new version.',
  })
  async updateJobDefinition(
    @Arg('input', () => UpdateJobDefinitionInput, { description: 'What is to change.' })
    input: UpdateJobDefinitionInput,
    @Ctx() context: JobsContext,
  ): Promise<JobDefinitionPayload> {
    return this.present(
      context,
      hasScope(context.actor, 'write')
        ? await this.checking(({ typedInputs }) =>
            updateDefinition(
              this.ports,
              typedInputs,
              context.actor,
              input.id,
              input.ifVersion ?? null,
              (present) => changed(present, input, this.defaultTargetId),
            ),
          )
        : noScope,
    );
  }

  @Mutation(() => JobDefinitionPayload, {
    description:
      'Creates the job definition of this name, or makes it what the input says. Applying the same again changes nothing; secrets whose values are left out stay.',
  })
  async applyJobDefinition(
    @Arg('input', () => ApplyJobDefinitionInput, { description: 'What it is to be.' })
    input: ApplyJobDefinitionInput,
    @Ctx() context: JobsContext,
  ): Promise<JobDefinitionPayload> {
    const owner = this.ownerOf(input, context);
    return this.present(
      context,
      owner.ok
        ? await this.checking(({ typedInputs }) =>
            applyDefinition(
              this.ports,
              typedInputs,
              context.actor,
              owner.value,
              input.ifVersion ?? null,
              draftOfInput(input, this.defaultTargetId),
            ),
          )
        : owner,
    );
  }

  @Mutation(() => JobDefinitionPayload, {
    description:
      'Gives a job definition to another organization, with its versions, secrets and schedules; schedules run as whoever transfers it. Makes a new version. Its jobs stay where they ran; those that are open count against its limits of the organization before.',
  })
  async transferJobDefinition(
    @Arg('input', () => TransferJobDefinitionInput, { description: 'Which one, and to whom.' })
    { id, organizationId }: TransferJobDefinitionInput,
    @Ctx() context: JobsContext,
  ): Promise<JobDefinitionPayload> {
    return this.present(
      context,
      hasScope(context.actor, 'write')
        ? await transferDefinition(this.ports, context.actor, id, organizationId)
        : noScope,
    );
  }

  @Mutation(() => DeleteJobDefinitionPayload, {
    description:
      'Deletes a job definition: it starts no more, its schedules pause, its name is free. Its jobs stay, and still tell of it.',
  })
  async deleteJobDefinition(
    @Arg('input', () => DeleteJobDefinitionInput, { description: 'Which one.' })
    input: DeleteJobDefinitionInput,
    @Ctx() context: JobsContext,
  ): Promise<DeleteJobDefinitionPayload> {
    const outcome = hasScope(context.actor, 'write')
      ? await deleteDefinition(this.ports, context.actor, input.id)
      : noScope;
    if (!outcome.ok) return { definition: null, userErrors: presentUserErrors(outcome.errors) };
    return { definition: await this.load(context, outcome.value.definitionId), userErrors: [] };
  }

  @Mutation(() => StartJobPayload, { description: 'Starts a job from the last version of a definition.' })
  async startJobDefinition(
    @Arg('input', () => StartJobDefinitionInput, { description: 'Which one, with what.' })
    input: StartJobDefinitionInput,
    @Ctx() context: JobsContext,
  ): Promise<StartJobPayload> {
    const request = {
      definitionId: input.id,
      inputs: input.inputs ?? null,
      settings: settingsOf(input),
      idempotencyKey: input.idempotencyKey ?? null,
    };
    return presentStart(
      context,
      hasScope(context.actor, 'write')
        ? await this.checking((checks) =>
            startDefinition(this.ports, checks, context.actor, context.correlationId, request),
          )
        : noScope,
    );
  }

  private ownerOf(input: CreateJobDefinitionInput, { actor }: JobsContext): Outcome<string> {
    if (!hasScope(actor, 'write')) return noScope;
    const organizationId = input.organizationId ?? actor.personalOrganizationId;
    return organizationId === undefined ? noOrganization : { ok: true, value: organizationId };
  }

  private async present(
    context: JobsContext,
    outcome: Outcome<SavedDefinition>,
  ): Promise<JobDefinitionPayload> {
    if (!outcome.ok)
      return {
        definition: null,
        change: null,
        webhookSecret: null,
        warnings: [],
        userErrors: presentUserErrors(outcome.errors),
      };
    const { definitionId, change, warnings, webhookSecret = null } = outcome.value;
    return {
      definition: await this.load(context, definitionId),
      change,
      webhookSecret,
      warnings: presentUserErrors(warnings),
      userErrors: [],
    };
  }

  private async load(context: JobsContext, id: string): Promise<JobDefinitionType | null> {
    const definition = await context.definitions.load(id);
    return definition === undefined ? null : presentDefinition(definition);
  }
}
