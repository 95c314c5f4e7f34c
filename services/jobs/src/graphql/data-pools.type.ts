// What jobs and their definitions say of data pools.
import { Field, ObjectType } from 'type-graphql';
import type { DataPoolFileRef as NamedFile } from '../domain/data-pool-file.js';
import type { ResultPoolName } from '../domain/definition/definition.js';
import { DataPoolFileRef, DataPoolRef, ref } from './references.js';

@ObjectType('JobResultPool', { description: 'The data pool that is to keep the results of a job.' })
export class JobResultPoolType {
  @Field(() => DataPoolRef, { nullable: true, description: 'The pool; null where you may not see it.' })
  dataPool!: DataPoolRef | null;
  @Field(() => String, {
    description: 'Name of the file of each result; `{jobId}`, `{index}` and `{name}` are replaced.',
  })
  name!: string;
}

@ObjectType('JobDataPoolFile', {
  description: 'A file of a data pool as data of the jobs of a definition; looked up at each start.',
})
export class JobDataPoolFileType {
  @Field(() => DataPoolRef, { nullable: true, description: 'The pool; null where you may not see it.' })
  dataPool!: DataPoolRef | null;
  @Field(() => String, {
    nullable: true,
    description: 'Name of the file, of which the last version counts; null where `file` is named.',
  })
  name!: string | null;
  @Field(() => DataPoolFileRef, {
    nullable: true,
    description: 'The version that is named; null where `name` is, or where you may not see it.',
  })
  file!: DataPoolFileRef | null;
}

export const presentResultPool = (pool: ResultPoolName | null | undefined): JobResultPoolType | null =>
  pool == null ? null : { dataPool: ref(pool.dataPoolId), name: pool.name };

export const presentPoolFile = (file: NamedFile | undefined): JobDataPoolFileType | null =>
  file === undefined ? null : { dataPool: ref(file.dataPoolId), name: file.name, file: ref(file.fileId) };
