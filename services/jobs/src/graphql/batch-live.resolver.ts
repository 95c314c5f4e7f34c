import { AppError } from '@weft/errors';
import { LiveIterator } from '@weft/subgraph';
import { Arg, Directive, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import { awaitYoung } from '../await-young.js';
import type { Grouping } from '../application/cancel-batch.js';
import type { BatchReader } from '../application/batch-ports.js';
import { followBatch, type BatchFeed } from '../application/follow-batch.js';
import type { Batch } from '../domain/batch.js';
import { BatchChangedType, presentBatch } from './batch.type.js';
import { requireRead, type FollowBatch, type JobsContext } from './jobs-context.js';

/** The iterator behind `batchChanged`: gives the newest batch there is, as fast as its consumer takes. */
export const createFollowBatch =
  (reader: BatchReader, feed: BatchFeed): FollowBatch =>
  async (actor, batchId, after, grouping) => {
    let wake = (): void => undefined;
    const follower = await followBatch(
      reader,
      feed,
      actor,
      batchId,
      after,
      grouping,
      () => wake(),
      awaitYoung,
    );
    const ended = { done: true, value: undefined } as const;
    const iterator = new LiveIterator<Batch>(
      () => {
        if (follower.finished()) return Promise.resolve(ended);
        const batch = follower.take();
        return Promise.resolve(batch === undefined ? undefined : { done: false, value: batch });
      },
      () => follower.stop(),
    );
    wake = () => iterator.wake();
    return iterator;
  };

/** Opens a live field of a batch or a workflow. */
export const subscribeTo =
  (grouping: Grouping) =>
  ({ args, context }: { args: unknown; context: unknown }): Promise<AsyncIterableIterator<Batch>> => {
    const { id, after } = args as { readonly id: string; readonly after?: number | null };
    const { actor, followBatch: follow } = context as JobsContext;
    requireRead(actor);
    if (typeof after === 'number' && after < 0)
      throw new AppError('BAD_USER_INPUT', '"after" is a position, 0 or more.', {
        argument: 'after',
        value: after,
      });
    return follow(actor, id, after ?? 0, grouping);
  };

@Resolver()
export class BatchLiveResolver {
  @Directive('@live(after: "after", position: "seq")')
  @Subscription(() => BatchChangedType, {
    description:
      'Follows one batch: the first payload is the batch as it is, then as it is after changes, a few times a second at the most; completes after the final state.',
    subscribe: subscribeTo('batch') as never,
  })
  batchChanged(
    @Root() batch: Batch,
    @Arg('id', () => ID, { description: 'Id of the batch.' }) _id: string,
    @Arg('after', () => Int, { nullable: true, description: 'Position already seen; 0 when left out.' })
    _after?: number | null,
  ): BatchChangedType {
    return { seq: batch.seq, batch: presentBatch(batch) };
  }
}
