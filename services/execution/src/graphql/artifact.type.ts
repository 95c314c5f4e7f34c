import type { ArtifactKind } from '@weft/contracts';
import { PageInfoType, UserErrorType } from '@weft/subgraph';
import { Directive, Field, Float, ID, InputType, ObjectType } from 'type-graphql';
import { ArtifactKindEnum, UploadKindEnum } from './enums.js';

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Organization', { description: 'Who owns things.' })
export class OrganizationType {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Artifact', { description: 'A stored file: input, code, result, log or report.' })
export class ArtifactType {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => String, { description: 'Name of the file.' })
  name!: string;

  @Field(() => String, { description: 'Media type, e.g. `application/json`.' })
  mediaType!: string;

  @Field(() => Float, { description: 'Size in bytes.' })
  size!: number;

  @Field(() => String, { description: 'SHA-256 of the content, in hexadecimal.' })
  sha256!: string;

  @Field(() => ArtifactKindEnum, { description: 'What it is for.' })
  kind!: ArtifactKind;

  @Field(() => Date, { description: 'When the upload was asked for.' })
  createdAt!: Date;

  organizationId!: string;
}

@ObjectType('ArtifactDownload', { description: 'A temporary grant: who has the URL may read the content.' })
export class ArtifactDownloadType {
  @Field(() => String, { description: 'Signed URL for `GET`. It names nobody and can be handed on.' })
  url!: string;

  @Field(() => Date, { description: 'Until when it can be used.' })
  expiresAt!: Date;
}

@ObjectType('ArtifactEdge', { description: 'An artifact in a list.' })
export class ArtifactEdgeType {
  @Field(() => String, { description: 'Where the list continues after this one.' })
  cursor!: string;

  @Field(() => ArtifactType, { description: 'The artifact.' })
  node!: ArtifactType;
}

@ObjectType('ArtifactConnection', { description: 'A page of artifacts, newest first.' })
export class ArtifactConnectionType {
  @Field(() => [ArtifactEdgeType], { description: 'The artifacts of this page.' })
  edges!: ArtifactEdgeType[];

  @Field(() => PageInfoType, { description: 'Where the page ends.' })
  pageInfo!: PageInfoType;
}

@InputType('CreateUploadInput', { description: 'A file that is about to be uploaded.' })
export class CreateUploadInputType {
  @Field(() => ID, {
    nullable: true,
    description: 'Organization that will own it; by default your personal one.',
  })
  organizationId?: string | null;

  @Field(() => String, { description: 'Name of the file, without slashes.' })
  name!: string;

  @Field(() => String, {
    defaultValue: 'application/octet-stream',
    description:
      'Media type. Inputs of type `application/json` are parsed for the service, others reach it as text.',
  })
  mediaType!: string;

  @Field(() => UploadKindEnum, { defaultValue: 'INPUT', description: 'What it is for.' })
  kind!: 'INPUT' | 'CODE';
}

@ObjectType('Upload', { description: 'Where to PUT the bytes of a file.' })
export class UploadType {
  @Field(() => ID, { description: 'The id under which the file can be used once the PUT has been answered.' })
  artifactId!: string;

  @Field(() => String, { description: 'Signed URL for one `PUT` of at most 500 MB.' })
  url!: string;

  @Field(() => Date, { description: 'Until when the URL can be used.' })
  expiresAt!: Date;
}

@ObjectType('CreateUploadPayload', { description: 'An upload, or why there is none.' })
export class CreateUploadPayloadType {
  @Field(() => UploadType, { nullable: true, description: 'The upload; null when it was refused.' })
  upload!: UploadType | null;

  @Field(() => [UserErrorType], { description: 'Why it was refused; empty when it was not.' })
  userErrors!: UserErrorType[];
}
