import { booleanSetting, durationMs } from '@weft/config';
import { z } from 'zod';

const count = (most: number) => {
  const problem = `is not a whole number from 1 to ${most}`;
  return z.coerce.number(problem).int(problem).min(1, problem).max(most, problem);
};

/** How messages about ended jobs are sent (docs/webhooks.md). */
export const webhookSettings = {
  JOBS_WEBHOOK_HTTP: {
    schema: booleanSetting(),
    default: 'off',
    description: 'Development: webhooks may go over http, unencrypted.',
  },
  JOBS_WEBHOOK_PRIVATE: {
    schema: booleanSetting(),
    default: 'off',
    description: 'Development: webhooks may go to loopback and private networks.',
  },
  JOBS_WEBHOOK_TIMEOUT: {
    schema: durationMs(),
    default: '10s',
    description: 'Longest time for one try of a webhook, from the name to the answer.',
  },
  JOBS_WEBHOOK_TRIES: {
    schema: count(12),
    default: '8',
    description: 'How often a webhook is tried before it is given up.',
  },
  JOBS_WEBHOOK_BACKOFF: {
    schema: durationMs(),
    default: '15s',
    description: 'Wait before the second try of a webhook; four times as long each time, a day at the most.',
  },
  JOBS_WEBHOOK_CONCURRENCY: {
    schema: count(256),
    default: '32',
    description: 'Webhooks sent at once by one process; half of them for one organization.',
  },
  JOBS_WEBHOOK_PER_HOST: {
    schema: count(64),
    default: '4',
    description: 'Webhooks sent at once by one process to one host.',
  },
  JOBS_WEBHOOK_POLL: {
    schema: durationMs(),
    default: '1s',
    description: 'How often webhooks that are due are looked for.',
  },
} as const;
