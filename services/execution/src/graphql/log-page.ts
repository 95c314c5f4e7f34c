import { DEFAULT_PAGE, decodeCursor, encodeCursor } from '@weft/database';
import { AppError } from '@weft/errors';
import { connectionOf, type ConnectionOf } from '@weft/subgraph';
import { Field, ArgsType, Int } from 'type-graphql';
import type { LogLine } from '../domain/log-line.js';
import type { ExecutionContext } from './context.js';
import type { LogLineType } from './log.type.js';

const MAX_LINES = 1_000;

@ArgsType()
export class LogPageArgs {
  @Field(() => Int, {
    nullable: true,
    description: 'How many lines from the beginning (or after `after`), at most 1000; by default 20.',
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Continue after this cursor.' })
  after?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'How many lines from the end (or before `before`), at most 1000.',
  })
  last?: number | null;

  @Field(() => String, { nullable: true, description: 'End before this cursor.' })
  before?: string | null;
}

export const cursorOf = (line: Pick<LogLine, 'position'>): string => encodeCursor([line.position]);

export function positionOf(cursor: string | null | undefined, argument: string): number | undefined {
  if (cursor === null || cursor === undefined || cursor === '') return undefined;
  const [position] = decodeCursor(cursor);
  if (typeof position === 'number' && Number.isSafeInteger(position)) return position;
  throw new AppError('BAD_USER_INPUT', 'The cursor is not one that a log gave.', { argument, value: cursor });
}

export const presentLine = (line: LogLine): LogLineType => ({
  cursor: cursorOf(line),
  attempt: line.attempt,
  number: line.number,
  stream: line.stream,
  at: line.at,
  text: line.text,
});

function sizeOf({ first, last }: LogPageArgs): number {
  if (first != null && last != null)
    throw new AppError('BAD_USER_INPUT', 'Give "first" or "last", not both.', { argument: 'last' });
  const size = first ?? last ?? DEFAULT_PAGE;
  const argument = last == null ? 'first' : 'last';
  if (size < 1 || size > MAX_LINES)
    throw new AppError('BAD_USER_INPUT', `"${argument}" must be between 1 and ${MAX_LINES}.`, {
      argument,
      value: size,
    });
  return size;
}

/** A page of a job's log, or of one attempt's part of it, from either end. */
export async function logPage(
  context: ExecutionContext,
  jobId: string,
  attempt: number | undefined,
  args: LogPageArgs,
): Promise<ConnectionOf<LogLineType>> {
  const size = sizeOf(args);
  const fromEnd = args.last != null;
  const after = positionOf(args.after, 'after');
  const before = positionOf(args.before, 'before');
  const lines = await context.reads.logLines(context.organizationIds, jobId, {
    ...(attempt === undefined ? {} : { attempt }),
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
    limit: size + 1,
    fromEnd,
  });
  const more = lines.length > size;
  const rows = fromEnd ? lines.slice(-size) : lines.slice(0, size);
  const hasNextPage = fromEnd ? before !== undefined : more;
  const hasPreviousPage = fromEnd ? more : after !== undefined;
  return connectionOf({ rows, hasNextPage }, cursorOf, presentLine, hasPreviousPage);
}
