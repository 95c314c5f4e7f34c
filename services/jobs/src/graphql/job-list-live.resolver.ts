import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { organizationIds, type Actor } from '@weft/identity';
import { LiveIterator } from '@weft/subgraph';
import { Arg, Directive, Resolver, Root, Subscription } from 'type-graphql';
import {
  followJobList,
  type JobListFeed,
  type JobListNews,
  type JobListPace,
} from '../application/follow-jobs.js';
import type { JobFilter } from '../application/job-list.js';
import { filterOf, JobFilterInput } from './job-filter.input.js';
import { JobsChangedType, presentJobListNews } from './job-list-changed.type.js';
import { requireRead, type FollowJobList, type JobsContext } from './jobs-context.js';

/** A cursor is good for the same list only, and for who may see the same of it. */
const scopeOf = (actor: Actor, filter: JobFilter): string =>
  createHash('sha256')
    .update(JSON.stringify([organizationIds(actor).sort(), filter]))
    .digest('hex')
    .slice(0, 16);

/** The iterator behind `jobsChanged`: gives what has changed since the last payload, at a pace. */
export const createFollowJobList =
  (feed: JobListFeed, pace?: JobListPace): FollowJobList =>
  (actor, filter, after) => {
    let wake = (): void => undefined;
    const scope = scopeOf(actor, filter);
    const left = new AbortController();
    const followed = followJobList(feed, actor, filter, after, scope, () => wake(), pace);
    let due = 0;
    const iterator = new LiveIterator<JobListNews>(
      async () => {
        // Whoever has just got a payload waits, and what happens meanwhile becomes one.
        const early = due - performance.now();
        if (early > 0) await sleep(early, undefined, left).catch(() => undefined);
        const news = followed.take();
        if (news === undefined) return undefined;
        due = performance.now() + followed.pauseMs();
        return { done: false, value: news };
      },
      () => {
        left.abort();
        followed.stop();
      },
    );
    wake = () => iterator.wake();
    return iterator;
  };

function subscribe({
  args,
  context,
}: {
  args: unknown;
  context: unknown;
}): AsyncIterableIterator<JobListNews> {
  const { filter, after } = args as {
    readonly filter?: JobFilterInput | null;
    readonly after?: string | null;
  };
  const { actor, followJobs } = context as JobsContext;
  requireRead(actor);
  return followJobs(actor, filterOf(filter), after ?? undefined);
}

@Resolver()
export class JobListLiveResolver {
  @Directive('@live(after: "after", position: "cursor", list: "changes")')
  @Subscription(() => JobsChangedType, {
    description:
      'Follows a list of jobs: every job that you may see and that the filter takes, as it changes; jobs that leave the filter and jobs that are deleted are named. Of each job the newest is told, not every step (`jobChanged` tells those), a few times a second at the most. The first payload comes at once and says REFETCH: subscribe, then ask for the list whenever REFETCH is said, and nothing is missed. Progress and places in the queue are not told. It does not complete by itself.',
    subscribe: subscribe as never,
  })
  jobsChanged(
    @Root() news: JobListNews,
    @Arg('filter', () => JobFilterInput, { nullable: true, description: 'Which ones; all when left out.' })
    _filter?: JobFilterInput | null,
    @Arg('after', () => String, {
      nullable: true,
      description:
        'The last `cursor` that you have received. What has changed since is told where it is still known, else REFETCH is said.',
    })
    _after?: string | null,
  ): JobsChangedType {
    return presentJobListNews(news);
  }
}
