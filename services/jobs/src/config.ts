import { defineConfig, durationMs } from '@weft/config';
import { serviceSettings } from '@weft/process';
import { secretsKeySetting } from '@weft/secrets';
import { z } from 'zod';
import { webhookSettings } from './webhook-settings.js';

/** The settings of the jobs service; docs/processes.md says how they fit with the others. */
export const jobsConfig = defineConfig('jobs service', {
  ...serviceSettings,
  SECRETS_KEY: {
    schema: secretsKeySetting(),
    description:
      'Keys that encrypt secret environment values and signing secrets of webhooks at rest: <id>:<32 bytes in base64>, several with commas between them; the first encrypts, the others still decrypt.',
  },
  JOBS_DEFAULT_TARGET: {
    schema: z.string().min(1),
    default: 'local-process',
    description: 'Target of a job that names none.',
  },
  JOBS_LEASE: {
    schema: durationMs(),
    default: '30s',
    description: 'How long an attempt is held without a word of its worker.',
  },
  JOBS_START_LEASE: {
    schema: durationMs(),
    default: '10s',
    description: "The lease of a claim until the worker's first renewal.",
  },
  JOBS_SWEEP: {
    schema: durationMs(),
    default: '1s',
    description: 'How often expired leases and waiting references are looked for.',
  },
  JOBS_SCHEDULE: {
    schema: durationMs(),
    default: '1s',
    description:
      'How often due schedules are looked for at the least; a planned time that is known is not waited past.',
  },
  JOBS_BATCH_FOLD: {
    schema: durationMs(),
    default: '1s',
    description:
      'How often the steps of batches and workflows are folded into their counts, and unfinished cancellations go on.',
  },
  JOBS_BACKOFF: {
    schema: durationMs(),
    default: '2s',
    description: 'Wait before the first retry; doubles each time.',
  },
  JOBS_BACKOFF_MAX: { schema: durationMs(), default: '5m', description: 'Longest wait before a retry.' },
  JOBS_REFERENCE_WAIT: {
    schema: durationMs(),
    default: '10s',
    description: 'How long a job waits for a service version, target or artifact not known yet.',
  },
  JOBS_CONCURRENT_ATTEMPTS: {
    schema: z.coerce.number().int().min(0).max(1_000_000),
    default: '0',
    description:
      'Attempts of one organization that run at the same time, unless the operator sets it a limit of its own; 0: as many as the targets run.',
  },
  JOBS_QUEUED_MAX: {
    schema: z.coerce.number().int().min(1).max(100_000_000),
    default: '250000',
    description:
      'Jobs of one organization that may wait at the same time, unless the operator sets it a limit of its own.',
  },
  ...webhookSettings,
});

export type JobsConfig = ReturnType<typeof jobsConfig.read>;
