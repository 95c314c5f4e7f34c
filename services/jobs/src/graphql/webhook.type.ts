import { PageInfoType, type ConnectionOf, graphqlEnum, UserErrorType } from '@weft/subgraph';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { TryFailure, WebhookRequest, WebhookState } from '../domain/webhook/webhook.js';
import { JobType } from './job.type.js';

export const WebhookStateEnum = graphqlEnum<WebhookState>(
  'WebhookState',
  'What became of the message of a webhook.',
  {
    WAITING: 'The job has not ended; there is nothing to tell yet.',
    PENDING: 'To be delivered: `nextTryAt` says when.',
    DELIVERED: 'The receiver answered with a status from 200 to 299.',
    DISABLED: 'The receiver answered 410: it wants no more.',
    DEAD: 'Tried as often as it is tried; `redeliverWebhook` begins anew.',
  },
);

export const WebhookFailureEnum = graphqlEnum<TryFailure>('WebhookFailure', 'Why a try delivered nothing.', {
  HTTP_STATUS: 'The receiver answered with a status that is no success; see `statusCode`.',
  REDIRECTED: 'The receiver answered with a redirect; none is followed.',
  TIMEOUT: 'No answer within the time limit.',
  ADDRESS_REFUSED: 'The host has an address that is not of the public internet; nothing was sent.',
  HOST_UNRESOLVED: 'The name of the host has no address.',
  CONNECTION_FAILED: 'There was no connection, or it broke before an answer came.',
  TLS_FAILED: 'No secure connection, for example because of a certificate that is not trusted.',
  RESPONSE_INVALID: 'What came back was not an HTTP answer, or its headers were too large.',
  SECRET_UNREADABLE: 'The platform could not read the signing secret; ask its operator.',
  INTERRUPTED: 'The platform was interrupted; whether the message arrived is not known. It was sent again.',
});

@InputType('WebhookInput', { description: 'Whom to tell when a job has ended.' })
export class WebhookInput {
  @Field(() => String, {
    description:
      'Where to POST: an https URL of a host of the public internet, without credentials, up to 2000 characters.',
  })
  url!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'Signing secret, `whsec_` and 24 to 64 bytes in base64; made and shown once when left out. Never shown again.',
  })
  secret?: string | null;
}

export const webhookRequest = (input: WebhookInput | null | undefined): WebhookRequest | undefined =>
  input === null || input === undefined ? undefined : { url: input.url, secret: input.secret ?? null };

@ObjectType('JobWebhook', {
  description: 'The message that tells of the end of a job, and what became of it.',
})
export class JobWebhookType {
  @Field(() => ID, {
    description: 'The header `webhook-id` of every try: receivers know a repetition by it.',
  })
  id!: string;
  @Field(() => String, {
    description:
      'Where it goes. Who has only the role VIEWER sees no path: it can be a secret of the receiver.',
  })
  url!: string;
  @Field(() => WebhookStateEnum, { description: 'What became of it.' })
  state!: WebhookState;
  @Field(() => Int, { description: 'How often it was tried so far.' })
  tries!: number;
  @Field(() => Date, {
    nullable: true,
    description: 'When it is tried next; during a try, when it would be repeated if nothing more were heard.',
  })
  nextTryAt!: Date | null;
}

@ObjectType('WebhookDelivery', { description: 'One try to deliver the message.' })
export class WebhookDeliveryType {
  @Field(() => Int, { description: 'Number of the try, from 1.' })
  number!: number;
  @Field(() => Date, { description: 'When it began.' })
  at!: Date;
  @Field(() => Int, { nullable: true, description: 'HTTP status of the answer; null when there was none.' })
  statusCode!: number | null;
  @Field(() => WebhookFailureEnum, {
    nullable: true,
    description: 'Why nothing was delivered; null when it was, or when the try is under way.',
  })
  errorCode!: TryFailure | null;
  @Field(() => String, { nullable: true, description: 'What happened, for people.' })
  message!: string | null;
  @Field(() => String, { nullable: true, description: "The first kilobyte of the answer's body as text." })
  response!: string | null;
  @Field(() => Int, {
    nullable: true,
    description: 'How long it took in milliseconds; null while it is under way and when it was interrupted.',
  })
  durationMs!: number | null;
  @Field(() => Date, {
    nullable: true,
    description: 'When the next try was planned for; null when there was to be none.',
  })
  nextTryAt!: Date | null;
}

@ObjectType('WebhookDeliveryEdge', { description: 'One try in a list.' })
class WebhookDeliveryEdge {
  @Field(() => String, { description: 'Opaque position; pass it as `after`.' })
  cursor!: string;
  @Field(() => WebhookDeliveryType, { description: 'The try.' })
  node!: WebhookDeliveryType;
}

@ObjectType('WebhookDeliveryConnection', { description: 'A page of a list of tries.' })
export class WebhookDeliveryConnection implements ConnectionOf<WebhookDeliveryType> {
  @Field(() => [WebhookDeliveryEdge], { description: 'The rows of the page.' })
  edges!: WebhookDeliveryEdge[];
  @Field(() => PageInfoType, { description: 'Where the page ends.' })
  pageInfo!: PageInfoType;
}

@InputType('RedeliverWebhookInput', { description: 'Whose webhook to send again.' })
export class RedeliverWebhookInput {
  @Field(() => ID, { description: 'Id of the job.' })
  jobId!: string;
}

@ObjectType('RedeliverWebhookPayload', { description: 'The job with its webhook, or why it was refused.' })
export class RedeliverWebhookPayload {
  @Field(() => JobType, { nullable: true, description: 'The job; its `webhook` is PENDING now.' })
  job!: JobType | null;
  @Field(() => [UserErrorType], {
    description: 'CONFLICT while the job has not ended or a try is under way; RATE_LIMITED after 100 tries.',
  })
  userErrors!: UserErrorType[];
}
