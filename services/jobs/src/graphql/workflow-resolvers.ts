import type { SchemaParts } from './schema.js';
import { WorkflowLiveResolver } from './workflow-live.resolver.js';
import { WorkflowMutationsResolver } from './workflow-mutations.resolver.js';
import {
  JobWorkflowResolver,
  WorkflowFieldResolver,
  WorkflowQueriesResolver,
  WorkflowStepFieldResolver,
} from './workflow.resolver.js';

/** Workflows in the graph. */
export const workflowResolvers = (parts: SchemaParts): object[] => [
  new WorkflowQueriesResolver(parts.batchReader),
  new WorkflowMutationsResolver(parts.ports, parts.checking, parts.defaultTargetId),
  new WorkflowFieldResolver(),
  new WorkflowStepFieldResolver(),
  new WorkflowLiveResolver(),
  new JobWorkflowResolver(),
];
