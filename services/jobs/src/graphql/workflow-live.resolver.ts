import { Arg, Directive, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import type { Batch } from '../domain/batch.js';
import { subscribeTo } from './batch-live.resolver.js';
import { presentWorkflow, WorkflowChangedType } from './workflow.type.js';

@Resolver()
export class WorkflowLiveResolver {
  @Directive('@live(after: "after", position: "seq")')
  @Subscription(() => WorkflowChangedType, {
    description:
      'Follows one workflow: the first payload is the workflow as it is, then as it is after changes of its steps, a few times a second at the most; completes after the final state.',
    subscribe: subscribeTo('workflow') as never,
  })
  workflowChanged(
    @Root() batch: Batch,
    @Arg('id', () => ID, { description: 'Id of the workflow.' }) _id: string,
    @Arg('after', () => Int, { nullable: true, description: 'Position already seen; 0 when left out.' })
    _after?: number | null,
  ): WorkflowChangedType {
    return { seq: batch.seq, workflow: presentWorkflow(batch) };
  }
}
