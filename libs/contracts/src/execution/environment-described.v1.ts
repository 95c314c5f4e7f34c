import type { z } from 'zod';
import { defineEvent } from '../define-event.js';
import { describedEnvironment } from '../work/run-environment.js';

/** A worker ran something in an environment that execution had not heard of. Told once for each digest. */
export const environmentDescribedPayload = describedEnvironment;
export type EnvironmentDescribed = z.infer<typeof environmentDescribedPayload>;

export const environmentDescribed = defineEvent<EnvironmentDescribed>({
  type: 'environment-described',
  version: 1,
  producer: 'execution',
  schema: environmentDescribedPayload,
  tokens: (payload) => [payload.digest],
  aggregate: (payload) => ({ id: payload.digest, seq: 1 }),
});
