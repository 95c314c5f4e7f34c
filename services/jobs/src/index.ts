import type { FederatedSchema } from '@weft/subgraph';
import { buildSchemaOf } from './graphql/schema.js';

export { jobsConfig, type JobsConfig } from './config.js';
export type { JobEngine } from './job-engine.js';
export type { Submission } from './domain/submission.js';
export { renderLifecycleDiagram } from './domain/lifecycle.js';
export { createJobsService, type JobsOverrides, type JobsService } from './service.js';

/** The schema alone, for tools that print and compose it: nothing behind it answers. */
export const buildJobsSchema = (): Promise<FederatedSchema> => {
  const nothing = (): never => {
    throw new Error('this schema is for printing only');
  };
  const absent = new Proxy({}, { get: () => nothing }) as never;
  return buildSchemaOf({
    ports: absent,
    reader: absent,
    webhookReader: absent,
    records: absent,
    checking: absent,
    stored: absent,
    batchReader: absent,
    queueReader: absent,
    defaultTargetId: 'local-process',
  });
};
