import { ofArguments, payload } from '@weft/subgraph';
import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { ProvenanceNode } from '../domain/node.js';
import { pointer } from './foreign.type.js';
import { ModelRunType, TemplateCsvPayload } from './model-run.type.js';
import { ItemType } from './node.type.js';
import type { RegistryContext } from './registry-context.js';

/** The job that had, or will have, the last word on the provenance of a run. */
export async function jobOfRun({ items }: RegistryContext, node: ProvenanceNode) {
  const item = await items.record(node);
  const [latest] = item === null ? [] : await items.workflows(item);
  return pointer(latest?.steps.at(-1)?.jobId);
}

@Resolver(() => ItemType)
export class ModelRunResolver {
  @FieldResolver(() => ModelRunType, {
    nullable: true,
    description: 'What it has because it is a run of a model; null for all else.',
  })
  async modelRun(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    if (node.subtype !== 'MODEL_RUN') return null;
    const item = await context.items.record(node);
    const run = item === null ? null : await context.modelRuns.run(item);
    return run && { ...run, job: await jobOfRun(context, node) };
  }

  @Query(() => TemplateCsvPayload, {
    description:
      'An empty table in which runs of a workflow template can be entered for `registerModelRuns`: one column says the template, then one for each field, each slot, each deferred resource and each annotation, and four that the registry fills. Required columns must stay; their order is free. How several datasets fill one slot: `RegisterModelRunsInput.csv`.',
  })
  modelRunTemplateCsv(
    @Arg('workflowTemplateId', () => ID, { description: 'Id or pid of the workflow template.' })
    workflowTemplateId: string,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    const csv = context.modelRunCases.modelRunTemplateCsv(context, workflowTemplateId);
    return payload(ofArguments(csv), (text) => ({ csv: text }));
  }
}
