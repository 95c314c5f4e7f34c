import { AppError, type Outcome } from '@weft/errors';
import type { Actor } from '@weft/identity';
import { presentUserErrors } from '@weft/subgraph';
import { GraphQLJSON } from 'graphql-scalars';
import { Arg, Ctx, ID, Int, Query, Resolver } from 'type-graphql';
import type { LineageDirection } from '../application/lineage-reach.js';
import type { Reader } from '../application/export-provenance.js';
import {
  DEFAULT_DEPTH,
  ExportDirectionEnum,
  ExportProvenanceInput,
  ExportProvenancePayload,
  presentCrate,
  RoCrateType,
  ValidityReportPayload,
} from './export.type.js';
import { nodeIdOf } from './item-reads.js';
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
      'Judges the lineage of something by PROV-CONSTRAINTS (https://www.w3.org/TR/prov-constraints/), with the numbers of the constraints and the statements at fault, by what the caller may read of it.',
  })
  async validityReport(
    @Arg('id', () => ID, {
      description: 'Id of the item, activity or agent, or the pid of an item in any way to write it.',
    })
    id: string,
    @Arg('direction', () => ExportDirectionEnum, { description: 'Which way.' }) direction: LineageDirection,
    @Arg('depth', () => Int, {
      nullable: true,
      defaultValue: DEFAULT_DEPTH,
      description: 'How many hops, 1 to 10.',
    })
    depth: number | null | undefined,
    @Ctx() { actor, exchange, items }: RegistryContext,
  ): Promise<ValidityReportPayload> {
    const judged = await exchange.validityReport(readerOf(actor), {
      id: await nodeIdOf(items, id),
      direction,
      depth: depth ?? DEFAULT_DEPTH,
    });
    return judged.ok
      ? { report: judged.value as ValidityReportPayload['report'], userErrors: [] }
      : { report: null, userErrors: presentUserErrors(judged.errors) };
  }

  @Query(() => [GraphQLJSON], {
    nullable: true,
    description:
      'A job that has ended as events of OpenLineage 2-0-2, in their order: OTHER while it waited, one START, one COMPLETE, FAIL or ABORT. Null when no job that the caller may see has ended under this id.',
  })
  openLineageEvents(
    @Arg('jobId', () => ID, { nullable: true, description: 'Id of the job; this, or `activityId`.' })
    jobId: string | null | undefined,
    @Arg('activityId', () => ID, { nullable: true, description: 'Id of its activity; this, or `jobId`.' })
    activityId: string | null | undefined,
    @Ctx() { actor, exchange }: RegistryContext,
  ): Promise<object[] | null> {
    const { viewer } = readerOf(actor);
    const asked = [jobId ?? [], activityId ?? []].flat();
    if (asked.length !== 1)
      throw new AppError('BAD_USER_INPUT', 'Name the job by one of "jobId" and "activityId".', {
        argument: 'jobId',
      });
    const [id] = asked as [string];
    return exchange.runEvents(viewer, typeof jobId === 'string' ? { jobId: id } : { activityId: id });
  }

  @Query(() => RoCrateType, {
    nullable: true,
    description:
      'A job that has ended as a Workflow-Run RO-Crate, by what the caller may read of it; `packRoCrate` makes an archive with its files. Null when no job that the caller may see has ended under this id.',
  })
  async exportRoCrate(
    @Arg('jobId', () => ID, { description: 'Id of the job.' }) jobId: string,
    @Arg('license', () => String, {
      nullable: true,
      description:
        'Under which licence the crate is shared, in words or as the address of its page; at most 500 characters.',
    })
    license: string | null | undefined,
    @Ctx() { actor, exchange }: RegistryContext,
  ): Promise<RoCrateType | null> {
    const { viewer } = readerOf(actor);
    if ((license ?? '').length > LONGEST_LICENCE)
      throw new AppError('BAD_USER_INPUT', `"license" has at most ${LONGEST_LICENCE} characters.`, {
        argument: 'license',
      });
    const crate = await exchange.runCrate(viewer, jobId, license ?? null);
    return crate === null ? null : presentCrate(crate);
  }
}

const LONGEST_LICENCE = 500;
