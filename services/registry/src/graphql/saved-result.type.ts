import { graphqlEnum } from '@weft/subgraph';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { SavedResult, SavedResultState } from '../domain/saved-result.js';
import { pageOfType } from './data-pool.type.js';

export const SavedResultStateEnum = graphqlEnum<SavedResultState>(
  'SavedResultState',
  'How far a result is on its way into a data pool.',
  {
    PENDING: 'The news of its file has not come yet, a moment as a rule; after a day it is refused.',
    SAVED: 'It is a file of the pool.',
    REFUSED: 'It could not be put there; `error` says why. The job is what it was, and so is its result.',
  },
);

@ObjectType('SavedResultError', { description: 'Why a result is not in its data pool.' })
export class SavedResultErrorType {
  @Field(() => String, {
    description:
      'NOT_FOUND: the pool was deleted; FORBIDDEN: whoever submitted the job may not write there any more, or the job was given away or deleted; DATA_POOL_SEALED; DATA_POOL_LOCKED: its release is asked for or given; CONFLICT: it is full; BAD_USER_INPUT: the result is a value, or the name is no name of a file; REFERENCE_UNKNOWN: nothing was heard of the file for a day.',
  })
  code!: string;

  @Field(() => String, { description: 'What happened and what to do, for people.' })
  message!: string;
}

@ObjectType('SavedResult', {
  description:
    'The result of an item of a job that was to be put into a data pool by itself (`resultPool`). What was refused can be saved by `saveJobResultToDataPool`.',
})
export class SavedResultType {
  /** For the resolvers. */
  source!: SavedResult;

  @Field(() => Int, { description: 'Index of the item, from 0.' })
  itemIndex!: number;

  @Field(() => SavedResultStateEnum, { description: 'What came of it.' })
  state!: SavedResultState;

  @Field(() => String, { description: 'The name that the file has in the pool, or was to have.' })
  fileName!: string;

  @Field(() => ID, { description: 'Id of the pool, also of one that you may not see or that is gone.' })
  dataPoolId!: string;

  @Field(() => SavedResultErrorType, { nullable: true, description: 'Why it was refused; else null.' })
  error!: SavedResultErrorType | null;

  @Field(() => Date, { nullable: true, description: 'When it was saved or refused; null while PENDING.' })
  settledAt!: Date | null;
}

export const SavedResultConnectionType = pageOfType(
  'SavedResult',
  () => SavedResultType,
  'A result',
  'A page of results: of a job by item, of a pool the last first.',
);

export const presentSavedResult = (source: SavedResult): SavedResultType => ({
  source,
  itemIndex: source.itemIndex,
  state: source.state,
  fileName: source.fileName,
  dataPoolId: source.poolId,
  error: source.error,
  settledAt: source.settledAt,
});
