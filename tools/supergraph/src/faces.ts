// The public faces of all processes, in the order in which a person meets them.
import { settings as startConfig } from '@weft/dev';
import { buildExecutionSchema, executionConfig, workerConfig } from '@weft/execution';
import { gatewayConfig } from '@weft/gateway';
import { buildJobsSchema, jobsConfig, renderLifecycleDiagram } from '@weft/jobs';
import { buildMarketplaceSchema, marketplaceConfig } from '@weft/marketplace';
import { buildRegistrySchema, registryConfig } from '@weft/registry';
import type { Faces } from './generate.js';

export const faces: Faces = {
  subgraphs: [
    { name: 'execution', build: buildExecutionSchema, owns: ['Provider', 'Target', 'Artifact'] },
    { name: 'jobs', build: buildJobsSchema, owns: ['Job', 'JobItem', 'Attempt', 'JobKind'] },
    {
      name: 'marketplace',
      build: buildMarketplaceSchema,
      owns: ['Organization', 'User', 'Service', 'ServiceVersion', 'ServiceRuntime'],
    },
    { name: 'registry', build: buildRegistrySchema, owns: ['Item', 'Activity', 'Agent'] },
  ],
  configs: [
    startConfig,
    gatewayConfig,
    jobsConfig,
    executionConfig,
    workerConfig,
    marketplaceConfig,
    registryConfig,
  ],
  renderLifecycleDiagram,
};
