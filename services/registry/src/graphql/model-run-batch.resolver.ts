import { presentUserErrors } from '@weft/subgraph';
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import {
  BULK_STATES,
  type BulkRegistration,
  type BulkRow,
  type BulkState,
} from '../application/bulk-ports.js';
import { PageArgs } from './connection.type.js';
import { pointer } from './foreign.type.js';
import { presentSlice } from './item.type.js';
import {
  BulkCountType,
  BulkRowConnectionType,
  BulkRowType,
  BulkStateEnum,
  ModelRunBatchType,
} from './model-run.type.js';
import { ItemType } from './node.type.js';
import { assertMayRead } from './provenance.js';
import type { RegistryContext } from './registry-context.js';

export const presentBulk = ({ id, name, createdAt, templateId }: BulkRegistration): ModelRunBatchType => ({
  ...{ id, name, createdAt, templateId },
  batch: { id },
});

const presentRow = ({ row, label, state, jobId, errors, runId, isHidden }: BulkRow): BulkRowType => ({
  ...{ row, label, state, runId, isHidden },
  job: pointer(jobId),
  errors: presentUserErrors(errors ?? []),
});

@Resolver(() => ModelRunBatchType)
export class ModelRunBatchResolver {
  @Query(() => ModelRunBatchType, {
    nullable: true,
    description:
      'Runs that were asked for together; null when there is none with this id in your organizations.',
  })
  async modelRunBatch(
    @Arg('id', () => ID, { description: 'Id of the batch.' }) id: string,
    @Ctx() { modelRuns, actor }: RegistryContext,
  ) {
    assertMayRead(actor);
    const bulk = await modelRuns.bulk(id);
    return bulk && presentBulk(bulk);
  }

  @Query(() => String, {
    nullable: true,
    description:
      'The table as it was given, each row with its job, its state, the pid of its run and what is wrong with it. Of a row that you may not read (`ModelRunRow.isHidden`) the cells are empty, but for its job and its state. Given to `registerModelRuns` again, rows that have a job are skipped, except for those that FAILED. Null when there is no batch with this id in your organizations.',
  })
  modelRunBatchCsv(
    @Arg('batchId', () => ID, { description: 'Id of the batch.' }) batchId: string,
    @Ctx() context: RegistryContext,
  ): Promise<string | null> {
    return context.modelRunCases.modelRunBatchCsv(context, batchId);
  }

  @FieldResolver(() => ItemType, {
    nullable: true,
    description: 'The workflow template of the runs; null when the caller may no longer see it.',
  })
  workflowTemplate(@Root() { templateId }: ModelRunBatchType, @Ctx() { provenance }: RegistryContext) {
    return provenance.node(templateId);
  }

  @FieldResolver(() => [BulkCountType], {
    description: 'How many rows are in which state; states without a row are left out.',
  })
  async counts(@Root() { id }: ModelRunBatchType, @Ctx() { modelRuns }: RegistryContext) {
    const counts = await modelRuns.bulkCounts(id);
    return BULK_STATES.flatMap((state) => {
      const count = counts.get(state);
      return count === undefined ? [] : [{ state, count }];
    });
  }

  @FieldResolver(() => BulkRowConnectionType, {
    description: 'Its rows, in their order; of those that you may not read only number, state and job.',
  })
  async rows(
    @Root() { id }: ModelRunBatchType,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('states', () => [BulkStateEnum], {
      nullable: true,
      description: 'Rows in one of these states only; all when left out.',
    })
    states: BulkState[] | null | undefined,
    @Ctx() { modelRuns }: RegistryContext,
  ) {
    const slice = await modelRuns.bulkRows(id, states ?? undefined, page);
    return presentSlice(slice, ({ row }) => [row], presentRow);
  }
}

@Resolver(() => BulkRowType)
export class ModelRunRowResolver {
  @FieldResolver(() => ItemType, {
    nullable: true,
    description:
      'The run that came of it, or that said the same before; null when there is none, or the caller may not see it.',
  })
  modelRun(@Root() { runId }: BulkRowType, @Ctx() { provenance }: RegistryContext) {
    return runId === null ? null : provenance.node(runId);
  }
}
