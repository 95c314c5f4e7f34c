import type { Outcome } from '@weft/errors';
import { payload } from '@weft/subgraph';
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { ChangedRun } from '../application/change-model-run.js';
import { REGISTERED_SUBTYPES, RECORDED_SUBTYPES } from '../domain/node.js';
import { MOST_NAMING } from '../application/item-reader.js';
import { itemConnection, ItemConnectionType, PageArgs } from './connection.type.js';
import { nodeIdOf } from './item-reads.js';
import { ChangeModelRunPayload, ImpactType, presentAction } from './model-run-change.type.js';
import {
  DeleteModelRunInputType,
  LinkModelRunToStudyInputType,
  RevertModelRunInputType,
  UnlinkModelRunInputType,
  UpdateModelRunInputType,
} from './model-run.input.js';
import { jobOfRun } from './model-run.resolver.js';
import type { RegistryContext } from './registry-context.js';

const SHARED = 'Nodes and statements that other records assert, too, survive. May be tried first (`trial`).';

async function changed(context: RegistryContext, change: Promise<Outcome<ChangedRun>>): Promise<object> {
  const outcome = await change;
  for (const reads of [context.provenance, context.items, context.modelRuns]) reads.forget();
  const item = outcome.ok ? await context.provenance.node(outcome.value.itemId) : null;
  const job = item === null ? null : await jobOfRun(context, item);
  return payload(Promise.resolve(outcome), ({ actions }) => ({
    item,
    job,
    diff: actions.map(presentAction),
  }));
}

/** The record of a dataset says how that was registered, and depends on nothing of it. */
const DEPENDENTS = [...Object.values(REGISTERED_SUBTYPES), ...Object.values(RECORDED_SUBTYPES)]
  .flat()
  .filter((subtype) => subtype !== 'RECORD');

async function impactOf({ provenance, items }: RegistryContext, id: string): Promise<ImpactType | null> {
  const start = await provenance.lineage.start(await nodeIdOf(items, id));
  if (start === null) return null;
  const downstream = (subtypes: readonly string[]) =>
    provenance.lineage.lineage(start, {
      ...{ direction: 'DOWNSTREAM', depth: null, relations: null, first: 100, after: undefined },
      filter: { kinds: null, subtypes },
    });
  return {
    item: start,
    dependents: await downstream(DEPENDENTS),
    modelRuns: await downstream(['MODEL_RUN']),
  };
}

@Resolver(() => ImpactType)
export class ImpactResolver {
  @FieldResolver(() => ItemConnectionType, {
    description: `Items that name it in their metadata and that the caller may read, the newest first: a dataset its publisher, a template its model. The newest ${MOST_NAMING} that name it are looked at.`,
  })
  async namedBy(
    @Root() { item }: ImpactType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { items }: RegistryContext,
  ) {
    return itemConnection(await items.naming(item, page));
  }

  @FieldResolver(() => Int, { description: `How many these are, ${MOST_NAMING} at most.` })
  namedByCount(@Root() { item }: ImpactType, @Ctx() { items }: RegistryContext): Promise<number> {
    return items.countNaming(item);
  }
}

@Resolver()
export class ModelRunChangeResolver {
  @Mutation(() => ChangeModelRunPayload, {
    description: `Lets a run say something else, judged as a new one is; a job then changes the graph. What came of its outputs may be wrong then: ask \`modelRunImpact\` before. Needs METADATA_WRITE on the run and on datasets that it newly makes. ${SHARED}`,
  })
  updateModelRun(
    @Arg('input', () => UpdateModelRunInputType, { description: 'The change.' })
    input: UpdateModelRunInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.modelRunCases.updateModelRun(context, input));
  }

  @Mutation(() => ChangeModelRunPayload, {
    description: `Lets a run say again what an earlier revision said, tags included: an update to that record, judged as a new one is by the template of today, that may name again what it named. A job then changes the graph. Needs METADATA_WRITE on the run and on datasets that it makes again. ${SHARED}`,
  })
  revertModelRun(
    @Arg('input', () => RevertModelRunInputType, { description: 'Which run, and to which revision.' })
    input: RevertModelRunInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.modelRunCases.revertModelRun(context, input));
  }

  @Mutation(() => ChangeModelRunPayload, {
    description: `Withdraws a run for ever, and takes back everything that it says; its item stays as a tombstone. What its outputs were registered with is said of them again. Needs ADMIN. ${SHARED}`,
  })
  deleteModelRun(
    @Arg('input', () => DeleteModelRunInputType, { description: 'Which run, and why.' })
    input: DeleteModelRunInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.modelRunCases.deleteModelRun(context, input));
  }

  @Mutation(() => ChangeModelRunPayload, {
    description: `Lets a run that belongs to no study belong to one. Needs METADATA_WRITE on the run, METADATA_READ on the study. ${SHARED}`,
  })
  linkModelRunToStudy(
    @Arg('input', () => LinkModelRunToStudyInputType, { description: 'The run and the study.' })
    input: LinkModelRunToStudyInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.modelRunCases.linkModelRunToStudy(context, input));
  }

  @Mutation(() => ChangeModelRunPayload, {
    description: `Takes a run out of its study. Needs METADATA_WRITE on the run. ${SHARED}`,
  })
  unlinkModelRunFromStudy(
    @Arg('input', () => UnlinkModelRunInputType, { description: 'Which run, and why.' })
    input: UnlinkModelRunInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.modelRunCases.unlinkModelRunFromStudy(context, input));
  }

  @Query(() => ImpactType, {
    nullable: true,
    description:
      'What depends on an item, before it is edited or withdrawn; null when the caller may not read it.',
  })
  itemImpact(
    @Arg('id', () => ID, { description: 'Id or pid of the item.' }) id: string,
    @Ctx() context: RegistryContext,
  ): Promise<ImpactType | null> {
    return impactOf(context, id);
  }

  @Query(() => ImpactType, {
    nullable: true,
    description:
      'What depends on a run of a model, before it is edited or deleted; null when it is no run that the caller may read.',
  })
  async modelRunImpact(
    @Arg('id', () => ID, { description: 'Id or pid of the run.' }) id: string,
    @Ctx() context: RegistryContext,
  ): Promise<ImpactType | null> {
    const impact = await impactOf(context, id);
    return impact?.item.subtype === 'MODEL_RUN' ? impact : null;
  }
}
