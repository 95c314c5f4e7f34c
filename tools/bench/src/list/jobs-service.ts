import { createJobsService, jobsConfig } from '@weft/jobs';
import { newSecretsKey } from '@weft/secrets';
import { createLogger } from '@weft/telemetry';
import { startLoneService, type LoneService } from '../platform/lone-service.js';

export const startJobsService = (): Promise<LoneService> =>
  startLoneService('jobs', (settings) =>
    createJobsService(jobsConfig.read({ ...settings, SECRETS_KEY: newSecretsKey() }), {
      logger: createLogger('jobs', 'silent'),
    }),
  );
