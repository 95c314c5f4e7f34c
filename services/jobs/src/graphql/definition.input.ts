import { GraphQLJSON } from 'graphql-scalars';
import { Field, ID, InputType, Int } from 'type-graphql';
import type { StartSettings } from '../domain/definition/definition.js';
import type { DefinitionDraft, TemplateDraft } from '../domain/definition/draft.js';
import { jsonText, poolFileOf, resultPoolOf, RunSettings } from './run.input.js';
import { DefinitionCommandInput, DefinitionWebhookInput, draftCommand } from './definition-secrets.input.js';

/** What every change of a definition may say, but for what it runs and how it is called. */
@InputType()
class DefinitionDetails extends RunSettings {
  @Field(() => String, { nullable: true, description: 'What it is for, up to 2048 characters.' })
  description?: string | null;
  @Field(() => DefinitionCommandInput, {
    nullable: true,
    description: 'Shell command line that its jobs run. Give this or `serviceVersionId`.',
  })
  command?: DefinitionCommandInput | null;
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Data by value: up to 1 MB of JSON in UTF-8. Larger: `dataArtifactId`.',
  })
  data?: unknown;
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Params: up to 1 MB of JSON in UTF-8; an object where there are inputs.',
  })
  params?: unknown;
  @Field(() => GraphQLJSON, {
    nullable: true,
    description:
      'JSON Schema (2020-12 or draft-07, up to 64 KB) of an object: the inputs of a start. Each goes into `params` under its own name (a command finds them in the file `$WEFT_PARAMS_FILE`); `default` fills in what is left out. Add `"additionalProperties": false` to refuse other names.',
  })
  inputs?: unknown;
  @Field(() => Int, {
    nullable: true,
    description:
      'How many attempts of its jobs run at the same time, 1 to 10000, on all targets together; others wait. No limit of its own when left out. Concerns also what waits already.',
  })
  concurrency?: number | null;
  @Field(() => Int, {
    nullable: true,
    description:
      'In how many seconds after its start a job of it must have ended, up to 366 days: then it fails with DEADLINE_EXCEEDED, waiting or running. Counts from `startAt` where the start has one; a `deadline` of the start goes before it. No deadline when left out.',
  })
  deadlineSeconds?: number | null;
  @Field(() => DefinitionWebhookInput, {
    nullable: true,
    description:
      'Whom to tell, by HTTP, when a job of it has ended, however it was started. Signed as Standard Webhooks has it.',
  })
  webhook?: DefinitionWebhookInput | null;
}

@InputType('CreateJobDefinitionInput', { description: 'A new job definition.' })
export class CreateJobDefinitionInput extends DefinitionDetails {
  @Field(() => ID, {
    nullable: true,
    description: 'Its owner; your personal organization when left out. Needs the role MAINTAINER.',
  })
  organizationId?: string | null;
  @Field(() => String, { description: 'Unique in the organization, 1 to 200 characters.' })
  name!: string;
  @Field(() => ID, {
    nullable: true,
    description: 'Version of the service that its jobs run. Give this or `command`.',
  })
  serviceVersionId?: string | null;
}

@InputType('ApplyJobDefinitionInput', {
  description:
    'What the job definition of this name is to be: what is left out takes its default, but for values of secrets, which stay.',
})
export class ApplyJobDefinitionInput extends CreateJobDefinitionInput {
  @Field(() => Int, {
    nullable: true,
    description: 'CONFLICT unless this is its version now; 0: unless there is none yet. Any when left out.',
  })
  ifVersion?: number | null;
}

@InputType('UpdateJobDefinitionInput', {
  description:
    'What is to change: what is left out stays, null takes the default. A command instead of a service, or the other way round, replaces what it runs.',
})
export class UpdateJobDefinitionInput extends DefinitionDetails {
  @Field(() => ID, { description: 'Id of the definition.' })
  id!: string;
  @Field(() => Int, {
    nullable: true,
    description: 'CONFLICT unless this is its version now; any when left out.',
  })
  ifVersion?: number | null;
  @Field(() => String, { nullable: true, description: 'Unique in the organization, 1 to 200 characters.' })
  name?: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'Version of the service that its jobs run. Give this or `command`.',
  })
  serviceVersionId?: string | null;
}

@InputType('DeleteJobDefinitionInput', { description: 'Which job definition to delete.' })
export class DeleteJobDefinitionInput {
  @Field(() => ID, { description: 'Id of the definition.' })
  id!: string;
}

@InputType('TransferJobDefinitionInput', { description: 'Which job definition to give to whom.' })
export class TransferJobDefinitionInput {
  @Field(() => ID, { description: 'Id of the definition; you are OWNER in its organization.' })
  id!: string;
  @Field(() => ID, { description: 'The organization that takes it in; you are MAINTAINER there.' })
  organizationId!: string;
}

@InputType('StartJobDefinitionInput', { description: 'Which job definition to start, with what.' })
export class StartJobDefinitionInput {
  @Field(() => ID, { description: 'Id of the definition.' })
  id!: string;
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'An object that fits the schema of its inputs; what is left out takes its default.',
  })
  inputs?: unknown;
  @Field(() => String, {
    nullable: true,
    description:
      'Unique in the organization for 7 days: repeating a start under it gives the same job, other inputs or settings under it are IDEMPOTENCY_CONFLICT.',
  })
  idempotencyKey?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Name of this job, 1 to 200 characters; that of the definition when left out.',
  })
  name?: string | null;
  @Field(() => [String], {
    nullable: true,
    description:
      'All tags of this job, up to 20 of 1 to 64 characters; those of the definition when left out.',
  })
  tags?: string[] | null;
  @Field(() => Int, {
    nullable: true,
    description: 'Priority of this job, from -100 to 100; that of the definition when left out.',
  })
  priority?: number | null;
  @Field(() => Date, {
    nullable: true,
    description: 'Not before this time, up to 366 days ahead; at once when left out or past.',
  })
  startAt?: Date | null;
  @Field(() => Date, {
    nullable: true,
    description:
      'What has not ended by this time fails with DEADLINE_EXCEEDED; by `deadlineSeconds` of the definition when left out.',
  })
  deadline?: Date | null;
}

/** What is left out or null is as the definition says. */
export const settingsOf = ({
  name,
  tags,
  priority,
  startAt,
  deadline,
}: StartJobDefinitionInput): StartSettings => ({
  ...(name == null ? {} : { name }),
  ...(tags == null ? {} : { tags }),
  ...(priority == null ? {} : { priority }),
  ...(startAt == null ? {} : { startAt }),
  ...(deadline == null ? {} : { deadline }),
});

/** A whole definition: what the input leaves out takes its default. */
export const draftOfInput = (input: CreateJobDefinitionInput, defaultTargetId: string): DefinitionDraft =>
  changed(
    { name: input.name, description: '', inputs: null, template: emptyTemplate(defaultTargetId) },
    input,
    defaultTargetId,
  );

const emptyTemplate = (targetId: string): TemplateDraft => ({
  serviceVersionId: null,
  command: null,
  size: null,
  image: null,
  targetId,
  data: null,
  dataArtifactId: null,
  params: null,
  priority: 0,
  tags: [],
  maxAttempts: 1,
  timeoutSeconds: null,
  deadlineSeconds: null,
  concurrency: null,
  webhook: null,
});

/** What is left out stays as it is; null takes the default. */
export function changed(
  present: DefinitionDraft,
  input: DefinitionDetails & { readonly name?: string | null; readonly serviceVersionId?: string | null },
  defaultTargetId: string,
): DefinitionDraft {
  const { template } = present;
  const { dataPoolFile: _file, resultPool: _pool, ...kept } = template;
  const or = <T>(given: T | null | undefined, now: T, otherwise: T): T =>
    given === undefined ? now : (given ?? otherwise);
  const json = (given: unknown, now: string | null): string | null =>
    given === undefined ? now : jsonText(given);
  return {
    name: input.name ?? present.name,
    description: or(input.description, present.description, ''),
    inputs: input.inputs === undefined ? present.inputs : input.inputs,
    template: {
      ...kept,
      ...whatItRuns(template, input),
      size: or<string | null>(input.size, template.size, null),
      image: or<string | null>(input.image, template.image, null),
      targetId: or(input.targetId, template.targetId, defaultTargetId),
      data: json(input.data, template.data),
      dataArtifactId: or<string | null>(input.dataArtifactId, template.dataArtifactId, null),
      ...pools(template, input),
      params: json(input.params, template.params),
      priority: or(input.priority, template.priority, 0),
      tags: or<readonly string[]>(input.tags, template.tags, []),
      maxAttempts: or(input.maxAttempts, template.maxAttempts, 1),
      timeoutSeconds: or<number | null>(input.timeoutSeconds, template.timeoutSeconds, null),
      deadlineSeconds: or<number | null>(input.deadlineSeconds, template.deadlineSeconds, null),
      concurrency: or<number | null>(input.concurrency, template.concurrency, null),
      webhook:
        input.webhook == null
          ? or(input.webhook, template.webhook, null)
          : { url: input.webhook.url, secret: input.webhook.secret ?? null },
    },
  };
}

/** What is null is left out: a template has no trace of it. */
function pools(
  present: TemplateDraft,
  { dataPoolFile, resultPool }: RunSettings,
): Pick<TemplateDraft, 'dataPoolFile' | 'resultPool'> {
  const file = dataPoolFile === undefined ? present.dataPoolFile : dataPoolFile && poolFileOf(dataPoolFile);
  const pool = resultPool === undefined ? present.resultPool : resultPool && resultPoolOf(resultPool);
  return { ...(file == null ? {} : { dataPoolFile: file }), ...(pool == null ? {} : { resultPool: pool }) };
}

/** The one that is given takes the place of the other; both, and neither, are told by the rules of a submission. */
function whatItRuns(
  present: TemplateDraft,
  input: DefinitionDetails & { readonly serviceVersionId?: string | null },
): Pick<TemplateDraft, 'serviceVersionId' | 'command'> {
  const serviceVersionId = input.serviceVersionId ?? null;
  const command = input.command == null ? null : draftCommand(input.command);
  if (serviceVersionId !== null || command !== null) return { serviceVersionId, command };
  return {
    serviceVersionId: present.serviceVersionId,
    command: input.command === null ? null : present.command,
  };
}
