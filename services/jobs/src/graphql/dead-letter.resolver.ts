import { encodeCursor, pageRequest } from '@weft/database';
import { done, refused, userError, type Outcome } from '@weft/errors';
import { hasScope } from '@weft/identity';
import { connectionOf, presentUserErrors } from '@weft/subgraph';
import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import {
  dismissDeadLetters,
  requeueDeadLetters,
  type DeadLetterChoice,
  type DeadLetterRequest,
} from '../application/dead-letters.js';
import type { JobPlace } from '../application/job-list.js';
import type { JobReader } from '../application/job-reader.js';
import type { Ports } from '../application/ports.js';
import type { Job } from '../domain/job.js';
import {
  DeadLetterConnectionType,
  DismissDeadLettersInput,
  DismissDeadLettersPayload,
  RequeueDeadLettersInput,
  RequeueDeadLettersPayload,
  type DeadLetterType,
} from './dead-letter.type.js';
import { checkFilter, filterOf, JobFilterInput } from './job-filter.input.js';
import { noScope } from './write-rights.js';
import { requireRead, type JobsContext } from './jobs-context.js';
import { presentJob } from './present-job.js';
import { AFTER, FIRST } from './paging.js';

@Resolver()
export class DeadLetterResolver {
  constructor(
    private readonly ports: Ports,
    private readonly reader: JobReader,
  ) {}

  @Query(() => DeadLetterConnectionType, {
    description:
      'Jobs that ended FAILED and that nobody has dealt with, the latest first: not retried, rerun, requeued, dismissed or deleted, nor asked to cancel.',
  })
  async deadLetters(
    @Ctx() { actor }: JobsContext,
    @Arg('filter', () => JobFilterInput, { nullable: true, description: 'Which ones; all when left out.' })
    filter?: JobFilterInput | null,
    @Arg('first', () => Int, { nullable: true, description: FIRST })
    first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER })
    after?: string | null,
  ): Promise<DeadLetterConnectionType> {
    requireRead(actor);
    const page = pageRequest(first, after, ['time', 'uuid']);
    const found = await this.reader.jobs(actor, { ...filterOf(filter), dead: true }, page, 'LAST_ENDED');
    const failures = await this.reader.failures(found.rows.map((job) => job.id));
    const letters = found.rows.map((job, at): DeadLetterType & { source: Job } => ({
      source: job,
      job: presentJob(job),
      error: failures[at]?.error ?? null,
      failedItems: failures[at]?.failedItems ?? 0,
      attempts: job.attempts,
      losses: failures[at]?.losses ?? 0,
      endedAt: job.endedAt as Date,
    }));
    const cursor = ([at, id]: JobPlace): string => encodeCursor([at.toISOString(), id]);
    const connection = connectionOf(
      { rows: letters, hasNextPage: found.hasNextPage },
      ({ source }) => cursor([source.endedAt as Date, source.id]),
      (letter) => letter,
      page.after !== undefined,
    );
    const endCursor = found.end === undefined ? null : cursor(found.end);
    return { edges: [...connection.edges], pageInfo: { ...connection.pageInfo, endCursor } };
  }

  @Mutation(() => RequeueDeadLettersPayload, {
    description:
      'Runs dead letters again: each gets a successor (`retryOf`), a hundred at a time, as far as the queue has room. Sent again it goes on with what is left.',
  })
  async requeueDeadLetters(
    @Arg('input', () => RequeueDeadLettersInput, { description: 'Which ones.' })
    input: RequeueDeadLettersInput,
    @Ctx() context: JobsContext,
  ): Promise<RequeueDeadLettersPayload> {
    const request = requestOf(context, input);
    const { ports, reader } = this;
    const outcome = request.ok
      ? await requeueDeadLetters(ports, reader, request.value, context.correlationId, input.items ?? 'FAILED')
      : request;
    if (!outcome.ok)
      return {
        jobs: 0,
        unknown: [],
        more: false,
        refused: [],
        userErrors: presentUserErrors(outcome.errors),
      };
    const { jobs, unknown, more, refused: refusals, stopped } = outcome.value;
    return {
      jobs,
      unknown: [...unknown],
      more,
      refused: refusals.flatMap(({ jobId, error }) =>
        presentUserErrors([error]).map((presented) => ({ jobId, error: presented })),
      ),
      userErrors: presentUserErrors(stopped === undefined ? [] : [{ ...stopped, path: ['input'] }]),
    };
  }

  @Mutation(() => DismissDeadLettersPayload, {
    description: 'Puts dead letters away: the jobs stay FAILED, with the reason in `Job.audit`.',
  })
  async dismissDeadLetters(
    @Arg('input', () => DismissDeadLettersInput, { description: 'Which ones.' })
    input: DismissDeadLettersInput,
    @Ctx() context: JobsContext,
  ): Promise<DismissDeadLettersPayload> {
    const request = requestOf(context, input);
    const outcome = request.ok
      ? await dismissDeadLetters(this.ports, this.reader, request.value, input.reason)
      : request;
    return outcome.ok
      ? { ...outcome.value, unknown: [...outcome.value.unknown], userErrors: [] }
      : { jobs: 0, unknown: [], more: false, userErrors: presentUserErrors(outcome.errors) };
  }
}

function requestOf(
  { actor }: JobsContext,
  { ids, filter, dryRun }: RequeueDeadLettersInput | DismissDeadLettersInput,
): Outcome<DeadLetterRequest> {
  if (!hasScope(actor, 'write')) return noScope;
  const wrong = checkFilter(filter);
  if (wrong.length > 0) return refused(...wrong);
  const choices: DeadLetterChoice[] = [
    ...(ids == null ? [] : [{ ids }]),
    ...(filter == null ? [] : [{ filter: filterOf(filter) }]),
  ];
  const [choice] = choices;
  if (choice === undefined || choices.length > 1)
    return refused(userError('BAD_USER_INPUT', 'Give either ids or filter.', 'input'));
  return done({ actor, choice, dryRun: dryRun ?? false });
}
