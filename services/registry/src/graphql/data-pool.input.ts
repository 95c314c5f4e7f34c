import { Field, ID, InputType, Int } from 'type-graphql';
import type {
  AddDataPoolFileInput,
  RemoveDataPoolFileInput,
  SaveJobResultInput,
} from '../application/fill-data-pool.js';
import type {
  CreateDataPoolInput,
  DeleteDataPoolInput,
  TransferDataPoolInput,
  UpdateDataPoolInput,
} from '../application/keep-data-pool.js';
import type {
  DecideDataPoolReleaseInput,
  RequestDataPoolReleaseInput,
} from '../application/release-data-pool.js';
import type { ReleaseState } from '../domain/data-pool.js';
import { DataPoolReleaseEnum } from './data-pool-enums.js';
import { GrantInputType } from './item.input.js';

const POOL = 'Id of the data pool.';
const NAME = 'Name for people, 1 to 200 characters, unique in the organization: CONFLICT otherwise.';
const LICENCE = 'An SPDX id or expression such as `CC-BY-4.0`, or a web address.';
const TAGS = 'Up to 50 words of 1 to 64 characters.';
const TEXT = 'up to 10 000 characters.';

@InputType('CreateDataPoolInput', { description: 'A new data pool.' })
export class CreateDataPoolInputType implements CreateDataPoolInput {
  @Field(() => ID, {
    nullable: true,
    description: 'Who will own it; your personal organization when left out. Needs the role MAINTAINER.',
  })
  organizationId?: string | null;
  @Field(() => String, { description: NAME })
  name!: string;
  @Field(() => String, { nullable: true, description: `What will be in it, ${TEXT}` })
  description?: string | null;
  @Field(() => String, { nullable: true, description: `Under which its files may be used. ${LICENCE}` })
  licence?: string | null;
  @Field(() => [String], { nullable: true, description: TAGS })
  tags?: string[] | null;
}

@InputType('UpdateDataPoolInput', { description: 'What is to change; all that is left out stays.' })
export class UpdateDataPoolInputType implements UpdateDataPoolInput {
  @Field(() => ID, { description: POOL })
  id!: string;
  @Field(() => String, { nullable: true, description: NAME })
  name?: string | null;
  @Field(() => String, { nullable: true, description: `What is in it, ${TEXT}` })
  description?: string | null;
  @Field(() => String, {
    nullable: true,
    description: `${LICENCE} Null takes it away. Of a pool that is released, under review or sealed it stays (DATA_POOL_LOCKED, DATA_POOL_SEALED).`,
  })
  licence?: string | null;
  @Field(() => [String], { nullable: true, description: `All tags that it is to have. ${TAGS}` })
  tags?: string[] | null;
}

@InputType('DeleteDataPoolInput', { description: 'A data pool that is not needed any more.' })
export class DeleteDataPoolInputType implements DeleteDataPoolInput {
  @Field(() => ID, { description: POOL })
  id!: string;
  @Field(() => String, {
    nullable: true,
    description: 'Why, in 1 to 2 000 characters; needed when there are files in it.',
  })
  reason?: string | null;
}

@InputType('SetDataPoolAccessInput', { description: 'Who is to have which roles.' })
export class SetDataPoolAccessInputType {
  @Field(() => ID, { description: POOL })
  id!: string;
  @Field(() => [GrantInputType], {
    description:
      'All grants that it is to have, at most 100. The owner and the OWNERs of its organization need none.',
  })
  grants!: GrantInputType[];
}

@InputType('TransferDataPoolInput', { description: 'To whom a data pool is given.' })
export class TransferDataPoolInputType implements TransferDataPoolInput {
  @Field(() => ID, { description: POOL })
  id!: string;
  @Field(() => ID, {
    nullable: true,
    description: 'The organization that is to own it, in which you have the role MAINTAINER.',
  })
  organizationId?: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'The user who is to own it; you, when only the organization changes.',
  })
  ownerId?: string | null;
}

@InputType()
abstract class FileInputType {
  @Field(() => ID, { description: POOL })
  dataPoolId!: string;
  @Field(() => String, {
    description:
      'Its name in the pool, up to 500 characters; `/` parts folders. A name that is there already gets another version.',
  })
  name!: string;
  @Field(() => String, { nullable: true, description: 'Media type; that of the stored file when left out.' })
  mediaType?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'What is in it beyond the media type, up to 100 characters.',
  })
  format?: string | null;
  @Field(() => String, {
    nullable: true,
    description: `Its own licence; that of the pool when left out. ${LICENCE}`,
  })
  licence?: string | null;
  @Field(() => String, { nullable: true, description: `What is in it, ${TEXT}` })
  description?: string | null;
}

@InputType('AddDataPoolFileInput', { description: 'A stored file that is to be in a data pool.' })
export class AddDataPoolFileInputType extends FileInputType implements AddDataPoolFileInput {
  @Field(() => ID, {
    description:
      'Id of the stored file: uploaded to the organization of the pool, or to another one in which you have the role MAINTAINER. What is not known yet is waited for, up to 10 s: then REFERENCE_UNKNOWN.',
  })
  artifactId!: string;
}

@InputType('SaveJobResultToDataPoolInput', { description: 'A result that is to be in a data pool.' })
export class SaveJobResultInputType extends FileInputType implements SaveJobResultInput {
  @Field(() => ID, { description: 'Id of a job that has ended.' })
  jobId!: string;
  @Field(() => Int, {
    nullable: true,
    description: 'Index of the item whose result it is, from 0; 0 when left out.',
  })
  itemIndex?: number | null;
}

@InputType('RemoveDataPoolFileInput', { description: 'A file that is to be taken out of a data pool.' })
export class RemoveDataPoolFileInputType implements RemoveDataPoolFileInput {
  @Field(() => ID, { description: POOL })
  dataPoolId!: string;
  @Field(() => String, { description: 'Its name; its earlier versions go with it.' })
  name!: string;
}

@InputType('RequestDataPoolReleaseInput', { description: 'Who is asked to release a data pool.' })
export class RequestDataPoolReleaseInputType implements RequestDataPoolReleaseInput {
  @Field(() => ID, { description: POOL })
  id!: string;
  @Field(() => ID, {
    description:
      'Id of the user who is to decide: not you, but in your personal organization. He must be able to read the data: BAD_USER_INPUT where no grant reaches him. Who is in a group the registry does not know; a stranger to all of them never sees the request.',
  })
  reviewerId!: string;
  @Field(() => String, { nullable: true, description: 'A word for the reviewer, up to 2 000 characters.' })
  note?: string | null;
}

@InputType('DecideDataPoolReleaseInput', { description: 'What becomes of the release that was asked for.' })
export class DecideDataPoolReleaseInputType implements DecideDataPoolReleaseInput {
  @Field(() => ID, { description: POOL })
  id!: string;
  @Field(() => Boolean, { description: 'Whether it is released.' })
  approve!: boolean;
  @Field(() => String, { nullable: true, description: 'Why, up to 2 000 characters; needed for a no.' })
  note?: string | null;
}

@InputType('DataPoolFilter', { description: 'Which data pools to list; what is given must all hold.' })
export class DataPoolFilterInput {
  @Field(() => ID, { nullable: true, description: 'Of this organization only.' })
  organizationId?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Words of the name or the description; quotes keep words together, a minus excludes one.',
  })
  text?: string | null;
  @Field(() => String, { nullable: true, description: 'With this tag only.' })
  tag?: string | null;
  @Field(() => DataPoolReleaseEnum, { nullable: true, description: 'In this state of release only.' })
  releaseState?: ReleaseState | null;
  @Field(() => Boolean, { nullable: true, description: 'True: sealed ones only; false: those that are not.' })
  sealed?: boolean | null;
  @Field(() => ID, { nullable: true, description: 'Whose release waits for the decision of this user.' })
  reviewerId?: string | null;
}
