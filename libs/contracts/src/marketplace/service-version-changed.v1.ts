import { z } from 'zod';
import { defineEvent } from '../define-event.js';

export const SERVICE_RUNTIMES = ['NODEJS', 'PYTHON'] as const;
export type ServiceRuntime = (typeof SERVICE_RUNTIMES)[number];

/** CREATED: its organization may try it. PUBLISHED: everybody may run it. */
export const SERVICE_LIFECYCLES = ['CREATED', 'PUBLISHED'] as const;

export const serviceVersionChangedPayload = z.object({
  serviceVersionId: z.string(),
  seq: z.number().int().positive(),
  serviceId: z.string(),
  organizationId: z.string(),
  serviceName: z.string(),
  version: z.string(),
  /** The version of the service that was added before it: null for the first; absent in messages from before this was told. */
  previousVersionId: z.string().nullable().optional(),
  lifecycle: z.enum(SERVICE_LIFECYCLES),
  code: z.object({
    artifactId: z.string(),
    runtime: z.enum(SERVICE_RUNTIMES),
  }),
  /** JSON Schemas (draft 2020-12 or draft-07) of `data` and `params`; null accepts anything. */
  dataSchema: z.unknown(),
  paramsSchema: z.unknown(),
});
export type ServiceVersionChanged = z.infer<typeof serviceVersionChangedPayload>;

export const serviceVersionChanged = defineEvent<ServiceVersionChanged>({
  type: 'service-version-changed',
  version: 1,
  producer: 'marketplace',
  schema: serviceVersionChangedPayload,
  tokens: (payload) => [payload.serviceVersionId],
  aggregate: (payload) => ({ id: payload.serviceVersionId, seq: payload.seq }),
});
