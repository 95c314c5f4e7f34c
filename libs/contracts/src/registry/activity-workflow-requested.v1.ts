import { z } from 'zod';
import { defineEvent } from '../define-event.js';
import { registryJob, registryRequest } from './registry-job.js';

const KEY = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

const registryStep = registryJob.extend({
  key: z.string().regex(KEY),
  /** Keys of earlier steps: so nothing goes round in a circle. */
  needs: z.array(z.string()),
});

/** Something was registered whose activity is to be written down by jobs that need each other. */
export const activityWorkflowRequestedPayload = registryRequest.extend({
  /** Chosen by the registry, as the ids of the jobs are. */
  workflowId: z.guid(),
  steps: z
    .array(registryStep)
    .min(1)
    .max(10)
    .refine(
      (steps) =>
        steps.every(({ key, needs }, index) => {
          const earlier = steps.slice(0, index).map((step) => step.key);
          return !earlier.includes(key) && needs.every((need) => earlier.includes(need));
        }),
      'has a key twice, or a step that needs no earlier one of its keys',
    ),
});
export type ActivityWorkflowRequested = z.infer<typeof activityWorkflowRequestedPayload>;

export const activityWorkflowRequested = defineEvent<ActivityWorkflowRequested>({
  type: 'activity-workflow-requested',
  version: 1,
  producer: 'registry',
  schema: activityWorkflowRequestedPayload,
  aggregate: (payload) => ({ id: payload.workflowId, seq: 1 }),
});
