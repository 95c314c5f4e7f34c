import { payload } from '@weft/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { RegisterModelRunInputType, RegisterModelRunsInputType } from './model-run.input.js';
import { presentBulk } from './model-run-batch.resolver.js';
import { RegisterModelRunPayload, RegisterModelRunsPayload } from './model-run.type.js';
import { jobOfRun } from './model-run.resolver.js';
import type { RegistryContext } from './registry-context.js';

@Resolver()
export class ModelRunMutations {
  @Mutation(() => RegisterModelRunPayload, {
    description:
      'Registers a run of a model after its workflow template; a job then lodges its provenance. Everything that is wrong is told at once, with paths. Needs MAINTAINER in the organization, METADATA_READ on what the record names, and METADATA_WRITE on the datasets that the run made: it says how these came to be.',
  })
  async registerModelRun(
    @Arg('input', () => RegisterModelRunInputType, { description: 'The run.' })
    input: RegisterModelRunInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    const outcome = await context.modelRunCases.registerModelRun(context, input);
    const item = outcome.ok ? await context.provenance.node(outcome.value.itemId) : null;
    const job = item === null ? null : await jobOfRun(context, item);
    return payload(Promise.resolve(outcome), ({ repeated }) => ({ item, job, repeated }));
  }

  @Mutation(() => RegisterModelRunsPayload, {
    description:
      'Begins to register up to 10 000 runs of models: one batch with a job for each, which judges its record, registers the run and lodges its provenance. A record that is refused fails its own job only. What is registered already is recognised and not registered again. Needs MAINTAINER in the organization; what the records name is seen with the rights that you have now.',
  })
  async registerModelRuns(
    @Arg('input', () => RegisterModelRunsInputType, { description: 'The runs.' })
    input: RegisterModelRunsInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    const outcome = await context.modelRunCases.registerModelRuns(context, input);
    const bulk = outcome.ok ? await context.modelRuns.bulk(outcome.value.batchId) : null;
    return payload(Promise.resolve(outcome), ({ repeated, warnings }) => ({
      modelRunBatch: bulk && presentBulk(bulk),
      warnings,
      repeated,
    }));
  }
}
