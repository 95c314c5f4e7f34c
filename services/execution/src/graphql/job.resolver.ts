import {
  Arg,
  Args,
  Ctx,
  Directive,
  FieldResolver,
  ID,
  Int,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import type { ConnectionOf } from '@weft/subgraph';
import type { StoredArtifact } from '../domain/artifact.js';
import type { AttemptUsage } from '../domain/log-line.js';
import { artifactPage } from './artifact.resolver.js';
import { ArtifactConnectionType } from './artifact.type.js';
import type { ExecutionContext } from './context.js';
import { followLog } from './log-feed.js';
import { logPage, LogPageArgs, positionOf } from './log-page.js';
import {
  AttemptType,
  AttemptUsageType,
  JobLogsPayloadType,
  JobType,
  LogLineConnectionType,
  type LogLineType,
} from './log.type.js';

interface JobLogsArgs {
  readonly jobId: string;
  readonly after?: string | null;
}

@Resolver(() => JobType)
export class JobResolver {
  @FieldResolver(() => LogLineConnectionType, {
    description: 'The log of all its attempts, in the order in which the lines arrived.',
  })
  logs(
    @Root() job: JobType,
    @Args(() => LogPageArgs) args: LogPageArgs,
    @Ctx() context: ExecutionContext,
  ): Promise<ConnectionOf<LogLineType>> {
    return logPage(context, job.id, undefined, args);
  }

  @FieldResolver(() => ArtifactConnectionType, {
    description: 'Files that its attempts stored, newest first.',
  })
  artifacts(
    @Root() job: JobType,
    @Arg('first', () => Int, { nullable: true, description: 'How many, at most 100; by default 20.' })
    first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Continue after this cursor.' })
    after: string | null,
    @Ctx() context: ExecutionContext,
  ): Promise<ConnectionOf<StoredArtifact>> {
    return artifactPage(context, job.id, first, after);
  }

  @Directive('@live(after: "after", position: "cursor", list: "lines")')
  @Subscription(() => JobLogsPayloadType, {
    description:
      'The log of a job as it is written; completes when the job has ended and all its lines are told.',
    subscribe: ({ args, context }) => {
      const { reads, bell, organizationIds } = context as ExecutionContext;
      const { jobId, after } = args as JobLogsArgs;
      return followLog({ reads, bell, organizationIds, jobId, after: positionOf(after, 'after') ?? 0 });
    },
  })
  jobLogs(
    @Root() payload: JobLogsPayloadType,
    @Arg('jobId', () => ID, { description: 'The job.' }) _jobId: string,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Continue after this cursor; by default from the beginning.',
    })
    _after: string | null,
  ): JobLogsPayloadType {
    return payload;
  }
}

@Resolver(() => AttemptType)
export class AttemptResolver {
  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'Exit code of its process, for a command that of the command (128 + n after signal n); null while it runs, and when the platform ended it.',
  })
  async exitCode(@Root() attempt: AttemptType, @Ctx() context: ExecutionContext): Promise<number | null> {
    return (await usageOf(attempt, context))?.exitCode ?? null;
  }

  @FieldResolver(() => AttemptUsageType, {
    nullable: true,
    description: 'What it used; null until its worker has told.',
  })
  usage(@Root() attempt: AttemptType, @Ctx() context: ExecutionContext): Promise<AttemptUsage | null> {
    return usageOf(attempt, context);
  }

  @FieldResolver(() => LogLineConnectionType, { description: "Its part of the job's log." })
  logs(
    @Root() attempt: AttemptType,
    @Args(() => LogPageArgs) args: LogPageArgs,
    @Ctx() context: ExecutionContext,
  ): Promise<ConnectionOf<LogLineType>> {
    const { jobId, number } = partsOf(attempt.id);
    return logPage(context, jobId, number, args);
  }
}

const usageOf = (attempt: AttemptType, context: ExecutionContext): Promise<AttemptUsage | null> =>
  context.loaders.usage.load(partsOf(attempt.id));

/** `<job id>:<number>`; what is none of these belongs to nobody. */
function partsOf(id: string): { jobId: string; number: number } {
  const [, jobId, number] = /^([0-9a-f-]{36}):(\d{1,9})$/.exec(id) ?? [];
  return { jobId: jobId ?? '', number: Number(number ?? 0) };
}
