import { buildFederatedSchema, type FederatedSchema } from '@weft/subgraph';
import { ArtifactResolver } from './artifact.resolver.js';
import type { ExecutionContext } from './context.js';
import { AttemptResolver, JobResolver } from './job.resolver.js';
import { AttemptType } from './log.type.js';
import { TargetResolver } from './target.resolver.js';

const idOf = (reference: Record<string, unknown>): string => String(reference['id']);

/** The subgraph. Its resolvers hold nothing: all they use comes with the request. Jobs and attempts belong to another subgraph: any id may be asked, the answers are scoped. */
export const buildExecutionSchema = (): Promise<FederatedSchema> =>
  buildFederatedSchema<ExecutionContext>({
    resolvers: [new TargetResolver(), new ArtifactResolver(), new JobResolver(), new AttemptResolver()],
    orphanedTypes: [AttemptType],
    references: {
      Provider: (reference, context) => context.loaders.provider.load(idOf(reference)),
      Target: (reference, context) => context.loaders.target.load(idOf(reference)),
      Artifact: (reference, context) => context.loaders.artifact.load(idOf(reference)),
      Job: (reference) => ({ id: idOf(reference) }),
      Attempt: (reference) => ({ id: idOf(reference) }),
    },
  });
