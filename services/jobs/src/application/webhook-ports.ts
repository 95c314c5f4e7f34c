// What webhooks need from the outside; part of ports.ts, apart because nothing else needs it.
import type { TryResult, Verdict, WebhookState } from '../domain/webhook/webhook.js';
import type { UrlPolicy } from '../domain/webhook/webhook-url.js';

export interface WebhookPorts {
  readonly policy: UrlPolicy;
  /** Bytes of a new signing key. */
  readonly newKey: () => Uint8Array;
}

/** The place of a webhook's secret: a successor of the job takes the sealed text along, another organization cannot. */
export const secretPlace = (organizationId: string): string => `webhook of organization ${organizationId}`;

export interface NewWebhook {
  readonly id: string;
  readonly jobId: string;
  readonly organizationId: string;
  readonly url: string;
  readonly host: string;
  readonly sealedSecret: string;
}

export interface LockedWebhook {
  readonly id: string;
  readonly state: WebhookState;
  readonly tries: number;
  /** A replica is sending it right now, as far as is known. */
  readonly underWay: boolean;
}

export interface WebhookHeir {
  /** Of the new webhook, where there is one to inherit. */
  readonly id: string;
  readonly fromJobId: string;
  readonly toJobId: string;
}

/** Webhooks within a use case's transaction. */
export interface WebhookStore {
  /** Gives the job a webhook; the database makes its message in the transaction that ends the job. */
  attach(webhook: NewWebhook): Promise<void>;
  /** These jobs tell the same receivers as those before them, but for receivers that asked not to be told any more. */
  inherit(heirs: readonly WebhookHeir[]): Promise<void>;
  /** Who owns the job, webhook or not. */
  organizationOf(jobId: string): Promise<string | undefined>;
  lock(jobId: string): Promise<LockedWebhook | undefined>;
  /** Due at once, with a whole round of tries ahead. */
  restart(id: string): Promise<void>;
}

/** A message that this process was given to send; others leave it alone for the length of the lease. */
export interface TakenWebhook {
  readonly id: string;
  readonly jobId: string;
  readonly organizationId: string;
  readonly url: string;
  readonly host: string;
  readonly sealedSecret: string;
  readonly body: string;
  /** Number of this try, from 1. */
  readonly number: number;
  /** Tries of this round, this one included. */
  readonly tried: number;
  readonly now: Date;
}

/** Where the last look ended: messages are kept in lanes, one for each organization and host. */
export interface LaneCursor {
  readonly organizationId: string;
  readonly host: string;
}

export interface TakeRequest {
  readonly from: LaneCursor | undefined;
  readonly most: number;
  /** How many this process is sending, by organization and by host, and how many it may. */
  readonly busyOrganizations: ReadonlyMap<string, number>;
  readonly busyHosts: ReadonlyMap<string, number>;
  readonly perOrganization: number;
  readonly perHost: number;
  readonly leaseMs: number;
}

export interface WebhookQueue {
  /** Looks at a bounded number of lanes; `next` is where to go on, undefined after the last lane. */
  take(request: TakeRequest): Promise<{ taken: TakenWebhook[]; next: LaneCursor | undefined }>;
  record(taken: TakenWebhook, result: TryResult, verdict: Verdict): Promise<void>;
}

export interface OutgoingWebhook {
  /** `webhook-id`: the same at every try. */
  readonly id: string;
  readonly url: string;
  readonly body: string;
  readonly key: Uint8Array;
  readonly now: Date;
}

/** Sends once and tells what came of it; rejects only when told to stop. */
export type PostWebhook = (outgoing: OutgoingWebhook, stopping: AbortSignal) => Promise<TryResult>;

export interface WebhookView {
  readonly id: string;
  readonly jobId: string;
  readonly url: string;
  readonly state: WebhookState;
  readonly tries: number;
  readonly nextTryAt: Date | null;
}

export interface WebhookTryView extends Omit<TryResult, 'durationMs' | 'retryAfterMs'> {
  readonly number: number;
  readonly at: Date;
  readonly durationMs: number | null;
  readonly nextTryAt: Date | null;
}

/** Of jobs that the actor was already given. */
export interface WebhookReader {
  webhooks(jobIds: readonly string[]): Promise<(WebhookView | undefined)[]>;
  /** The latest first. */
  tries(
    jobId: string,
    beforeNumber: number,
    first: number,
  ): Promise<{ rows: readonly WebhookTryView[]; hasNextPage: boolean }>;
}
