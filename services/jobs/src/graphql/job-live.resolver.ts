import { AppError } from '@weft/errors';
import { LiveIterator } from '@weft/subgraph';
import { Arg, Directive, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import { followJob, type JobFeed, type JobNews } from '../application/follow-job.js';
import { awaitYoung } from '../await-young.js';
import type { JobReader } from '../application/job-reader.js';
import { JobChangedType } from './job.type.js';
import { requireRead, type FollowJob, type JobsContext } from './jobs-context.js';
import { presentJob, presentTransition } from './present-job.js';

interface JobChangedArgs {
  readonly id: string;
  readonly after?: number | null;
}

/** The iterator behind `jobChanged`: pulls from the history as fast as its consumer takes. */
export const createFollow =
  (reader: JobReader, feed: JobFeed): FollowJob =>
  async (actor, jobId, after) => {
    let wake = (): void => undefined;
    const follower = await followJob(reader, feed, actor, jobId, after, () => wake(), awaitYoung);
    const ended = { done: true, value: undefined } as const;
    const iterator = new LiveIterator<JobNews>(
      async () => {
        if (follower.finished()) return ended;
        const news = await follower.take();
        if (news !== undefined) return { done: false, value: news };
        return follower.finished() ? ended : undefined;
      },
      () => follower.stop(),
    );
    wake = () => iterator.wake();
    return iterator;
  };

async function subscribe({
  args,
  context,
}: {
  args: unknown;
  context: unknown;
}): Promise<AsyncIterableIterator<JobNews>> {
  const { id, after } = args as JobChangedArgs;
  const { actor, follow } = context as JobsContext;
  requireRead(actor);
  if (typeof after === 'number' && after < 0) {
    throw new AppError('BAD_USER_INPUT', '"after" is a position in the history, 0 or more.', {
      argument: 'after',
      value: after,
    });
  }
  return follow(actor, id, after ?? 0);
}

@Resolver()
export class JobLiveResolver {
  @Directive('@live(after: "after", position: "seq", list: "transitions")')
  @Subscription(() => JobChangedType, {
    description:
      'Follows one job: the first payload carries every transition after `after` and the job as it is, then each change as it happens, none missed, none repeated; completes after the final state.',
    subscribe: subscribe as never,
  })
  jobChanged(
    @Root() news: JobNews,
    @Arg('id', () => ID, { description: 'Id of the job.' }) _id: string,
    @Arg('after', () => Int, { nullable: true, description: 'Position already seen; 0 when left out.' })
    _after?: number | null,
  ): JobChangedType {
    return { seq: news.seq, transitions: news.transitions.map(presentTransition), job: presentJob(news.job) };
  }
}
