import type { JobKind } from '@weft/contracts';
import { GraphQLJSON } from 'graphql-scalars';
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import type { DefinitionVersionView } from '../application/definition-reader.js';
import type { JobDefinition } from '../domain/definition/definition.js';
import { JobKindEnum } from './job-enums.js';
import { connection } from './paging.js';

@ObjectType('JobDefinitionVersion', {
  description: 'What a job definition was from one change to the next; it never changes itself.',
})
export class JobDefinitionVersionType {
  source!: DefinitionVersionView;
  @Field(() => Int, { description: 'Counts the versions of the definition from 1.' })
  number!: number;
  @Field(() => String, { description: 'Name of the definition, and of the jobs that it starts.' })
  name!: string;
  @Field(() => String, { description: 'What it is for, up to 2048 characters; may be empty.' })
  description!: string;
  @Field(() => JobKindEnum, { description: 'What its jobs run.' })
  kind!: JobKind;
  @Field(() => GraphQLJSON, {
    nullable: true,
    description:
      'JSON Schema of the inputs of a start; null: it takes none. Each input goes into `params` under its own name, over what is there (a command finds them in the file `$WEFT_PARAMS_FILE`); one left out takes the `default` of its schema.',
  })
  inputs!: unknown;
  @Field(() => String, {
    nullable: true,
    description: 'Hardware that its jobs ask for, one of `Target.sizes`; null: the limits of the target.',
  })
  size!: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Profile that its jobs ask for, one of `Target.images`; null: that of the service, or the first.',
  })
  image!: string | null;
  @Field(() => Int, { description: 'Priority of its jobs, from -100 to 100.' })
  priority!: number;
  @Field(() => [String], { description: 'Tags of its jobs.' })
  tags!: string[];
  @Field(() => Int, { description: 'How often an item that fails is tried at the most (backoff limit).' })
  maxAttempts!: number;
  @Field(() => Int, {
    nullable: true,
    description: 'Time limit of an attempt in seconds; null: the limit of the target.',
  })
  timeoutSeconds!: number | null;
  @Field(() => Int, {
    nullable: true,
    description: 'In how many seconds after its start a job of it must have ended; null: no deadline.',
  })
  deadlineSeconds!: number | null;
  @Field(() => Int, {
    nullable: true,
    description: 'How many attempts of its jobs run at the same time; null: no limit of its own.',
  })
  concurrency!: number | null;
  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
}

@ObjectType('JobDefinitionWebhook', {
  description:
    'Whom each job of a definition tells that it has ended; `Job.webhook` says what became of that.',
})
export class JobDefinitionWebhookType {
  @Field(() => String, {
    description:
      'Where it goes. Who has only the role VIEWER sees no path: it can be a secret of the receiver.',
  })
  url!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('JobDefinition', {
  description:
    'A stored job that can be started again and again: by `startJobDefinition`, by a schedule, by POST /api/jobs/{id}/start.',
})
export class JobDefinitionType {
  source!: JobDefinition;
  @Field(() => ID, { description: 'Id of the definition.' })
  id!: string;
  @Field(() => String, { description: 'Unique in its organization.' })
  name!: string;
  @Field(() => Int, { description: 'Number of its last version; pass it as `ifVersion` when you change it.' })
  version!: number;
  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
  @Field(() => Date, { description: 'When it was changed last.' })
  updatedAt!: Date;
  @Field(() => Date, {
    nullable: true,
    description: 'When it was deleted: it starts no more, and only its jobs still tell of it.',
  })
  deletedAt!: Date | null;
}

export const JobDefinitionConnectionType = connection(
  'JobDefinition',
  () => JobDefinitionType,
  'job definition',
).connection;
export const JobDefinitionVersionConnectionType = connection(
  'JobDefinitionVersion',
  () => JobDefinitionVersionType,
  'version',
).connection;

export const presentDefinition = (definition: JobDefinition): JobDefinitionType => ({
  source: definition,
  id: definition.id,
  name: definition.name,
  version: definition.version,
  createdAt: definition.createdAt,
  updatedAt: definition.updatedAt,
  deletedAt: definition.deletedAt,
});

export const presentDefinitionVersion = (version: DefinitionVersionView): JobDefinitionVersionType => ({
  source: version,
  number: version.version,
  name: version.name,
  description: version.description,
  kind: version.template.kind,
  inputs: version.inputs,
  size: version.template.size,
  image: version.template.image,
  priority: version.template.priority,
  tags: [...version.template.tags],
  maxAttempts: version.template.maxAttempts,
  timeoutSeconds: version.template.timeoutSeconds,
  deadlineSeconds: version.template.deadlineSeconds,
  concurrency: version.template.concurrency,
  createdAt: version.createdAt,
});
