import { encodeCursor, pageRequest } from '@weft/database';
import { userError } from '@weft/errors';
import { hasRole, hasScope, type Actor } from '@weft/identity';
import { connectionOf, presentUserErrors, type ConnectionOf } from '@weft/subgraph';
import { Arg, Ctx, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import { messageId } from '../application/deliver-webhook.js';
import type { Ports } from '../application/ports.js';
import { redeliverWebhook } from '../application/redeliver-webhook.js';
import type { WebhookReader, WebhookTryView } from '../application/webhook-ports.js';
import { JobType } from './job.type.js';
import type { JobsContext } from './jobs-context.js';
import { presentJob } from './present-job.js';
import {
  JobWebhookType,
  RedeliverWebhookInput,
  RedeliverWebhookPayload,
  WebhookDeliveryConnection,
  type WebhookDeliveryType,
} from './webhook.type.js';
import { AFTER, FIRST } from './paging.js';

const MAX_INT = 2 ** 31 - 1;

/** The webhook of a job: what it told, to whom, and how that went. */
@Resolver(() => JobType)
export class WebhookResolver {
  constructor(
    private readonly ports: Ports,
    private readonly reader: WebhookReader,
  ) {}

  @FieldResolver(() => JobWebhookType, {
    nullable: true,
    description: 'Whom it tells of its end, and what became of that; null without one.',
  })
  async webhook(@Root() job: JobType, @Ctx() context: JobsContext): Promise<JobWebhookType | null> {
    const found = await context.webhooks.load(job.id);
    if (found === undefined) return null;
    const { state, tries, nextTryAt } = found;
    const url = shownUrl(found.url, context.actor, job.source.organizationId);
    return { id: messageId(found.id), url, state, tries, nextTryAt };
  }

  @FieldResolver(() => WebhookDeliveryConnection, {
    description: 'Every try to deliver its webhook, the latest first.',
  })
  async webhookDeliveries(
    @Root() job: JobType,
    @Arg('first', () => Int, { nullable: true, description: FIRST })
    first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER })
    after?: string | null,
  ): Promise<ConnectionOf<WebhookDeliveryType>> {
    const page = pageRequest(first, after, ['integer']);
    const rows = await this.reader.tries(job.id, Number(page.after?.[0] ?? MAX_INT), page.first);
    return connectionOf(rows, (row) => encodeCursor([row.number]), presentTry, page.after !== undefined);
  }

  @Mutation(() => RedeliverWebhookPayload, {
    description:
      "Sends a job's webhook again, also one that was delivered, given up or disabled: at once, under the same id, with a whole round of tries.",
  })
  async redeliverWebhook(
    @Arg('input', () => RedeliverWebhookInput, { description: 'Whose webhook.' })
    input: RedeliverWebhookInput,
    @Ctx() context: JobsContext,
  ): Promise<RedeliverWebhookPayload> {
    if (!hasScope(context.actor, 'write')) {
      const denied = userError('FORBIDDEN', 'The token lacks the scope "write".');
      return { job: null, userErrors: presentUserErrors([denied]) };
    }
    const outcome = await redeliverWebhook(this.ports, context.actor, input.jobId);
    if (!outcome.ok) return { job: null, userErrors: presentUserErrors(outcome.errors) };
    const job = await context.jobs.load(outcome.value.jobId);
    return { job: job === undefined ? null : presentJob(job), userErrors: [] };
  }
}

export const shownUrl = (url: string, actor: Actor, organizationId: string): string =>
  hasRole(actor, organizationId, 'MAINTAINER') ? url : `${new URL(url).origin}/…`;

const presentTry = ({ failure, ...view }: WebhookTryView): WebhookDeliveryType => ({
  ...view,
  errorCode: failure,
});
