import { pageRequest } from '@weft/database';
import { AppError, type Outcome } from '@weft/errors';
import type { Actor } from '@weft/identity';
import { presentUserErrors } from '@weft/subgraph';
import { GraphQLJSON } from 'graphql-scalars';
import { Arg, Args, Ctx, ID, Int, Query, Resolver } from 'type-graphql';
import type { LineageDirection } from '../application/lineage-reach.js';
import type { Reader } from '../application/export-provenance.js';
import type { RunAsked } from '../application/export-run.js';
import {
  DEFAULT_DEPTH,
  ExportDirectionEnum,
  ExportProvenanceInput,
  ExportProvenancePayload,
  presentCrate,
  presentReport,
  RoCrateType,
  RunArgs,
  ValidityReportPayload,
  ViolationArgs,
} from './export.type.js';
import { nodeIdOf, type ItemReads } from './item-reads.js';
import { assertMayRead, viewerOf } from './provenance.js';
import type { RegistryContext } from './registry-context.js';

/** Whose rights and whose turn it is; a token that may not read gets nothing. */
export function readerOf(actor: Actor): Reader {
  assertMayRead(actor);
  return { userId: actor.id, viewer: viewerOf(actor) };
}

/** A field that stands alone has no place for refusals: the first is its error. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  const [refusal] = outcome.errors;
  throw new AppError(refusal?.code ?? 'INTERNAL', refusal?.message ?? 'The document could not be written.');
}

@Resolver()
export class ExportResolver {
  @Query(() => ExportProvenancePayload, {
    description:
      'The lineage of an item, an activity or an agent as a document of W3C PROV, by what the caller may read of it: what he may not read is left out, and nothing stands in its place.',
  })
  async exportProvenance(
    @Arg('input', () => ExportProvenanceInput, { description: 'What is wanted.' })
    input: ExportProvenanceInput,
    @Ctx() { actor, exchange, items }: RegistryContext,
  ): Promise<ExportProvenancePayload> {
    const exported = await exchange.exportProvenance(readerOf(actor), {
      ...input,
      id: await nodeIdOf(items, input.id),
      depth: input.depth ?? DEFAULT_DEPTH,
    });
    return exported.ok
      ? { export: exported.value, userErrors: [] }
      : { export: null, userErrors: presentUserErrors(exported.errors) };
  }

  @Query(() => ValidityReportPayload, {
    description:
      'Judges by PROV-CONSTRAINTS (https://www.w3.org/TR/prov-constraints/), with the numbers of the constraints and the statements at fault, by what the caller may read. Of a record the very document that `ProvenanceRecord.document` tells: of an import all that was given, each bundle for itself. Of all else its lineage in the graph, all records taken together. The graph keeps one generation and one time of a thing, and makes two things of what an import calls an entity and an activity: what contradicts itself within an import is told in full by the report of its record.',
  })
  async validityReport(
    @Arg('id', () => ID, {
      description:
        'Id of the record, item, activity or agent, or the pid of an item in any way to write it. A record that was lodged is an item under the same id, too: it is judged as the record.',
    })
    id: string,
    @Arg('direction', () => ExportDirectionEnum, {
      defaultValue: 'BOTH',
      description: 'Which way; means nothing to a record.',
    })
    direction: LineageDirection,
    @Arg('depth', () => Int, {
      nullable: true,
      defaultValue: DEFAULT_DEPTH,
      description: 'How many hops, 1 to 10; means nothing to a record.',
    })
    depth: number | null | undefined,
    @Args(() => ViolationArgs) { first, after }: ViolationArgs,
    @Ctx() { actor, exchange, items, records }: RegistryContext,
  ): Promise<ValidityReportPayload> {
    const reader = readerOf(actor);
    const asked = pageRequest(first, after, ['integer']);
    const [last] = asked.after ?? [];
    const page = { first: asked.first, from: last === undefined ? 0 : Math.max(0, Number(last) + 1) };
    const record = await records.record(id);
    const judged =
      record === null
        ? await exchange.lineageReport(
            reader,
            { id: await nodeIdOf(items, id), direction, depth: depth ?? DEFAULT_DEPTH },
            page,
          )
        : await exchange.recordReport(reader, record, page);
    return judged.ok
      ? { report: presentReport(judged.value), userErrors: [] }
      : { report: null, userErrors: presentUserErrors(judged.errors) };
  }

  @Query(() => [GraphQLJSON], {
    nullable: true,
    description:
      'A run that has ended as events of OpenLineage 2-0-2, in their order: of a job OTHER while it waited, one START, one COMPLETE, FAIL or ABORT; of a registered model run, once its job has lodged it, START and COMPLETE at the times that it was registered with. Null when no run that the caller may see has ended under this id.',
  })
  async openLineageEvents(
    @Args(() => RunArgs) run: RunArgs,
    @Ctx() { actor, exchange, items }: RegistryContext,
  ): Promise<object[] | null> {
    const { viewer } = readerOf(actor);
    return exchange.runEvents(viewer, await runAsked(items, run));
  }

  @Query(() => RoCrateType, {
    nullable: true,
    description:
      'A run that has ended - a job, or a registered model run that its job has lodged - as a Workflow-Run RO-Crate, by what the caller may read of it; `packRoCrate` makes an archive of a job with its files. Null when no run that the caller may see has ended under this id.',
  })
  async exportRoCrate(
    @Args(() => RunArgs) run: RunArgs,
    @Arg('license', () => String, {
      nullable: true,
      description:
        'Under which licence the crate is shared, in words or as the address of its page; at most 500 characters.',
    })
    license: string | null | undefined,
    @Ctx() { actor, exchange, items }: RegistryContext,
  ): Promise<RoCrateType | null> {
    const { viewer } = readerOf(actor);
    if ((license ?? '').length > LONGEST_LICENCE)
      throw new AppError('BAD_USER_INPUT', `"license" has at most ${LONGEST_LICENCE} characters.`, {
        argument: 'license',
      });
    const crate = await exchange.runCrate(viewer, await runAsked(items, run), license ?? null);
    return crate === null ? null : presentCrate(crate);
  }
}

const LONGEST_LICENCE = 500;

async function runAsked(items: ItemReads, { jobId, activityId }: RunArgs): Promise<RunAsked> {
  if (typeof jobId === 'string' && activityId == null) return { jobId };
  if (typeof activityId === 'string' && jobId == null)
    return { activityId: await nodeIdOf(items, activityId) };
  throw new AppError('BAD_USER_INPUT', 'Name the run by one of "jobId" and "activityId".', {
    argument: 'jobId',
  });
}
