import { defineConfig, durationMs, secret } from '@weft/config';
import { serviceSettings } from '@weft/process';
import { z } from 'zod';

/** The settings of the execution service. */
export const executionConfig = defineConfig('Execution service', {
  ...serviceSettings,
  ARTIFACT_DIR: {
    schema: z.string().min(1),
    description: 'Folder of the stored files; all replicas share it.',
  },
  ARTIFACT_SIGNING_KEY: {
    schema: secret(),
    description: 'Key of the signed artifact URLs; all replicas share it.',
  },
  PUBLIC_URL: { schema: z.url(), description: "The gateway's base URL, for the artifact URLs of clients." },
  INTERNAL_URL: {
    schema: z.url().optional(),
    default: null,
    description: "This service's base URL, for the artifact URLs of workers; absent: where it listens.",
  },
  TARGET_REVIEW_EVERY: {
    schema: durationMs(),
    default: '3s',
    description: 'How often the states of the targets are reviewed.',
  },
});

export type ExecutionConfig = ReturnType<typeof executionConfig.read>;
