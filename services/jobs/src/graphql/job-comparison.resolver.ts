import { graphqlEnum } from '@weft/subgraph';
import { GraphQLJSON } from 'graphql-scalars';
import { Arg, Ctx, Field, ID, ObjectType, Query, Resolver } from 'type-graphql';
import type { JobInputView, JobReader } from '../application/job-reader.js';
import { compareJson } from '../domain/compare-json.js';
import { queueSecondsOf, runSecondsOf, type Job } from '../domain/job.js';
import { presentCommand } from './command.type.js';
import { JobType } from './job.type.js';
import { requireRead, type JobsContext } from './jobs-context.js';
import { presentJob } from './present-job.js';

const SECTIONS = ['INPUT', 'ENVIRONMENT', 'RESULT', 'DURATION'] as const;
type Section = (typeof SECTIONS)[number];

const MAX_DIFFERENCES = 500;
const MAX_VALUE_BYTES = 4_096;

export const ComparedSectionEnum = graphqlEnum<Section>(
  'ComparedSection',
  'Which part of two jobs is different.',
  {
    INPUT: 'Data and params, and what items bring themselves (`itemParams`).',
    ENVIRONMENT: 'What it ran and where: code version, command, environment, size, image, target, limits.',
    RESULT: 'State, result and error; those of a plain job only, except for the state and the counts.',
    DURATION: 'Queue and run seconds and attempts.',
  },
);

@ObjectType('JobDifference', { description: 'One place in which two jobs are different.' })
export class JobDifferenceType {
  @Field(() => ComparedSectionEnum, { description: 'Which part of the jobs.' })
  section!: Section;
  @Field(() => String, { description: 'JSONPath inside the part, e.g. `$.params.shots`.' })
  path!: string;
  @Field(() => GraphQLJSON, {
    nullable: true,
    description:
      'What the first job has; null when nothing. Longer than 4 KB: only how many bytes of JSON it has.',
  })
  a!: unknown;
  @Field(() => GraphQLJSON, { nullable: true, description: 'The same of the second job.' })
  b!: unknown;
}

@ObjectType('JobComparison', { description: 'How two jobs differ.' })
export class JobComparisonType {
  @Field(() => JobType, { description: 'The first job.' })
  a!: JobType;
  @Field(() => JobType, { description: 'The second job.' })
  b!: JobType;
  @Field(() => Boolean, {
    description: 'Whether input and environment are the same: then only chance and time differ.',
  })
  sameInput!: boolean;
  @Field(() => [JobDifferenceType], { description: 'Up to 500 of each part.' })
  differences!: JobDifferenceType[];
  @Field(() => Boolean, { description: 'Whether a part has more differences than are told.' })
  truncated!: boolean;
}

@Resolver()
export class JobComparisonResolver {
  constructor(private readonly reader: JobReader) {}

  @Query(() => JobComparisonType, {
    nullable: true,
    description:
      'Two jobs side by side; null when you may not see one of them. Secret values are never compared.',
  })
  async compareJobs(
    @Arg('a', () => ID, { description: 'Id of the first job.' }) a: string,
    @Arg('b', () => ID, { description: 'Id of the second job.' }) b: string,
    @Ctx() context: JobsContext,
  ): Promise<JobComparisonType | null> {
    requireRead(context.actor);
    const [one, other] = await Promise.all([context.jobs.load(a), context.jobs.load(b)]);
    if (one === undefined || other === undefined) return null;
    const [ofItems, ofOtherItems] = await this.reader.itemParams([one.id, other.id]);
    const [left, right] = await Promise.all([
      partsOf(one, ofItems, context),
      partsOf(other, ofOtherItems, context),
    ]);
    const found = SECTIONS.map((section) => ({
      section,
      list: compareJson(left[section], right[section], MAX_DIFFERENCES + 1),
    }));
    const differs = (section: Section): boolean =>
      found.some((part) => part.section === section && part.list.length > 0);
    return {
      a: presentJob(one),
      b: presentJob(other),
      sameInput: !differs('INPUT') && !differs('ENVIRONMENT'),
      differences: found.flatMap(({ section, list }) =>
        list
          .slice(0, MAX_DIFFERENCES)
          .map((one) => ({ section, path: one.path, a: shown(one.a), b: shown(one.b) })),
      ),
      truncated: found.some(({ list }) => list.length > MAX_DIFFERENCES),
    };
  }
}

function shown(value: unknown): unknown {
  if (value === undefined) return null;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  return bytes > MAX_VALUE_BYTES ? { bytes } : value;
}

/** Variables by name, and of a secret only that it is one. */
function commandOf(input: JobInputView | undefined): unknown {
  const command = presentCommand(input);
  if (command === null) return null;
  const { codeArtifact: _artifact, environment, ...rest } = command;
  const told = environment.map(({ name, secret, value }) => [name, secret ? { secret } : value] as const);
  return { ...rest, environment: Object.fromEntries(told) };
}

async function partsOf(
  job: Job,
  itemParams: unknown,
  context: JobsContext,
): Promise<{ readonly [S in Section]: unknown }> {
  const [input, item] = await Promise.all([
    context.inputs.load(job.id),
    job.itemsTotal === 1 ? context.soleItems.load(job.id) : undefined,
  ]);
  return {
    INPUT: {
      data: input?.data ?? null,
      params: input?.params ?? null,
      dataArtifactId: input?.dataArtifactId ?? null,
      items: job.itemsTotal,
      itemParams: itemParams ?? null,
    },
    ENVIRONMENT: {
      kind: job.kind,
      serviceId: job.serviceId,
      serviceVersionId: job.serviceVersionId,
      command: commandOf(input),
      codeArtifactId: input?.codeArtifactId ?? null,
      size: input?.size ?? null,
      image: input?.image ?? null,
      targetId: job.targetId,
      timeoutSeconds: job.timeoutSeconds,
      maxAttempts: job.maxAttempts,
    },
    RESULT: {
      state: job.state,
      counts: job.counts,
      result: item?.result == null ? null : (JSON.parse(item.result) as unknown),
      resultSha256: item?.resultSha256 ?? null,
      error: item?.error ?? null,
    },
    DURATION: {
      queueSeconds: queueSecondsOf(job),
      runSeconds: runSecondsOf(job),
      attempts: job.attempts,
    },
  };
}
