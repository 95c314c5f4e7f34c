import { Field, ID, InputType } from 'type-graphql';
import type { SetDatasetDataInput } from '../application/dataset-data.js';
import type { NamedData } from '../domain/item-data.js';

@InputType('DatasetDataInput', {
  description:
    'What a dataset holds, for ever: a file or a data pool. The metadata say that the data are kept here (`reposited: true`).',
})
export class DatasetDataInputType implements NamedData {
  @Field(() => ID, {
    nullable: true,
    description:
      'A stored file of the organization of the dataset (`createUpload`, or a result), or of another one where you have the role MAINTAINER. One that was uploaded a moment ago is waited for, up to 10 s; then REFERENCE_UNKNOWN. The dataset holds it: it stays when its job goes.',
  })
  artifactId?: string | null;
  @Field(() => ID, {
    nullable: true,
    description:
      'A data pool of the organization of the dataset whose data you may read; NOT_FOUND else. Its files change until it is sealed, and it has rights of its own: those of the dataset open nothing in it. It cannot be deleted while the dataset stands.',
  })
  dataPoolId?: string | null;
}

@InputType('SetDatasetDataInput', { description: 'Which dataset gets which data.' })
export class SetDatasetDataInputType implements SetDatasetDataInput {
  @Field(() => ID, { description: 'Id or pid of a complete dataset that has no data yet.' })
  id!: string;
  @Field(() => DatasetDataInputType, { description: 'The data.' })
  data!: DatasetDataInputType;
}
