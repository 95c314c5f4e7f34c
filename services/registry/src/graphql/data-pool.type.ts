import { MutationPayload, PageInfoType } from '@weft/subgraph';
import { Directive, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { ReleaseAction, ReleaseEvent, ReleaseState } from '../domain/data-pool.js';
import { DataPoolReleaseActionEnum, DataPoolReleaseEnum } from './data-pool-enums.js';
import { UserType } from './foreign.type.js';

@Directive('@key(fields: "id")')
@ObjectType('DataPool', {
  description:
    'A shared container of files with a licence, rights, review and seal. Its files are inputs of jobs by reference, and results can be saved in it.',
})
export class DataPoolType {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => String, { description: 'Name for people, unique in the organization.' })
  name!: string;

  @Field(() => String, { description: 'What is in it; may be empty.' })
  description!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Under which its files may be used: an SPDX id or expression, or a web address. Null: nobody has said.',
  })
  licence!: string | null;

  @Field(() => [String], { description: 'Words for finding and sorting, chosen freely.' })
  tags!: readonly string[];

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => Date, {
    description: 'When it, its rights or its release were last changed; its files have times of their own.',
  })
  updatedAt!: Date;

  @Field(() => DataPoolReleaseEnum, { name: 'releaseState', description: 'Whether others may rely on it.' })
  release!: ReleaseState;

  @Field(() => Date, { nullable: true, description: 'When it was released; null while it is not.' })
  releasedAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      'SHA-256 in hexadecimal of its manifest, once it is released or sealed: for each file, in the order of the bytes of the names, the line `<sha256> <size> <name>` and a line feed.',
  })
  manifestSha256!: string | null;
}

@ObjectType('DataPoolSeal', { description: 'That the files of a data pool stay as they are for ever.' })
export class DataPoolSealType {
  @Field(() => Date, { description: 'When.' })
  at!: Date;

  @Field(() => UserType, { nullable: true, description: 'Who did it. Null for whom you may not see.' })
  user!: UserType;
}

@ObjectType('DataPoolSource', { description: 'The result that a file of a data pool is.' })
export class DataPoolSourceType {
  /** For the resolver of `job`. */
  jobId!: string;

  @Field(() => Int, { description: 'Index of its item, from 0.' })
  itemIndex!: number;
}

@Directive('@key(fields: "id")')
@ObjectType('DataPoolFile', {
  description:
    'A file in a data pool. Its content never changes: written again under its name, it is another version.',
})
export class DataPoolFileType {
  @Field(() => ID, { description: 'Id of this version of the file.' })
  id!: string;

  @Field(() => String, { description: 'Its name, unique in the pool; `/` parts folders.' })
  name!: string;

  @Field(() => Int, { description: 'Number of the version, from 1; numbers are not given twice.' })
  version!: number;

  @Field(() => Boolean, { description: 'Whether it is the last version.' })
  current!: boolean;

  @Field(() => Float, { description: 'Size in bytes.' })
  size!: number;

  @Field(() => String, { description: 'SHA-256 of the content, in hexadecimal.' })
  sha256!: string;

  @Field(() => String, { description: 'Media type, e.g. `text/csv`.' })
  mediaType!: string;

  @Field(() => String, {
    nullable: true,
    description: 'What is in it beyond the media type, such as `NetCDF-4`.',
  })
  format!: string | null;

  @Field(() => String, { description: 'What is in it; may be empty.' })
  description!: string;

  @Field(() => Date, { description: 'When it came into the pool.' })
  addedAt!: Date;

  @Field(() => DataPoolSourceType, {
    nullable: true,
    description: 'The result that it is; null when it was uploaded.',
  })
  source!: DataPoolSourceType | null;
}

@ObjectType('DataPoolReleaseEvent', { description: 'What somebody said about the release of a data pool.' })
export class DataPoolReleaseEventType {
  @Field(() => DataPoolReleaseActionEnum, { description: 'What.' })
  action!: ReleaseAction;

  @Field(() => Date, { description: 'When.' })
  at!: Date;

  @Field(() => UserType, { nullable: true, description: 'Who. Null for whom you may not see.' })
  user!: UserType;

  @Field(() => UserType, {
    nullable: true,
    description: 'Who was asked to decide. Null for whom you may not see.',
  })
  reviewer!: UserType;

  @Field(() => String, { description: 'Why; may be empty.' })
  note!: string;
}

/** A page of something, as Relay has it. */
export function pageOfType(name: string, node: () => unknown, one: string, description: string) {
  @ObjectType(`${name}Edge`, { description: `${one} in a list.` })
  class Edge {
    @Field(() => String, { description: 'Place in the list.' })
    cursor!: string;

    @Field(node as never, { description: `${one}.` })
    node!: object;
  }

  @ObjectType(`${name}Connection`, { description })
  class Connection {
    @Field(() => [Edge], { description: 'What is on this page.' })
    edges!: Edge[];

    @Field(() => PageInfoType, { description: 'Where the page ends.' })
    pageInfo!: PageInfoType;
  }
  return Connection;
}

export const DataPoolConnectionType = pageOfType(
  'DataPool',
  () => DataPoolType,
  'A data pool',
  'A page of data pools, newest first.',
);
export const DataPoolFileConnectionType = pageOfType(
  'DataPoolFile',
  () => DataPoolFileType,
  'A file of a data pool',
  'A page of files: of a pool by name, of one name by version, the last first.',
);
export const DataPoolReleaseEventConnectionType = pageOfType(
  'DataPoolReleaseEvent',
  () => DataPoolReleaseEventType,
  'What was said about a release',
  'A page of what was said about the release of a data pool, the last first.',
);

export const presentRelease = ({
  action,
  at,
  userId,
  reviewerId,
  note,
}: ReleaseEvent): DataPoolReleaseEventType => ({
  ...{ action, at, note },
  user: { id: userId },
  reviewer: { id: reviewerId },
});

@ObjectType('DataPoolPayload', { description: 'A data pool after a change, or why there was none.' })
export class DataPoolPayload extends MutationPayload {
  @Field(() => DataPoolType, {
    nullable: true,
    description: 'The data pool; null when it was refused, or when the caller may not see it any more.',
  })
  dataPool!: object | null;
}

@ObjectType('DataPoolFilePayload', {
  description: 'A file of a data pool after a change, or why there was none.',
})
export class DataPoolFilePayload extends MutationPayload {
  @Field(() => DataPoolFileType, { nullable: true, description: 'The file; null when it was refused.' })
  file!: object | null;

  @Field(() => DataPoolType, { nullable: true, description: 'Its data pool; null when it was refused.' })
  dataPool!: object | null;
}

@ObjectType('DeleteDataPoolPayload', { description: 'That a data pool was deleted, or why not.' })
export class DeleteDataPoolPayload extends MutationPayload {
  @Field(() => ID, { nullable: true, description: 'Id of the pool that is gone; null when it was refused.' })
  deletedId!: string | null;
}
