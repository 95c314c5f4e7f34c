import type { Actor } from '@weft/identity';
import { presentUserErrors } from '@weft/subgraph';
import { Arg, Ctx, ID, Int, Query, Resolver } from 'type-graphql';
import type { LineageDirection } from '../application/exchange-ports.js';
import type { Reader } from '../application/export-provenance.js';
import {
  DEFAULT_DEPTH,
  ExportDirectionEnum,
  ExportProvenanceInput,
  ExportProvenancePayload,
  ValidityReportPayload,
} from './export.type.js';
import { assertMayRead, viewerOf } from './provenance.js';
import type { RegistryContext } from './registry-context.js';

/** Whose rights and whose turn it is; a token that may not read gets nothing. */
export function readerOf(actor: Actor): Reader {
  assertMayRead(actor);
  return { userId: actor.id, viewer: viewerOf(actor) };
}

@Resolver()
export class ExportResolver {
  @Query(() => ExportProvenancePayload, {
    description:
      'The lineage of an item, an activity or an agent as a document of W3C PROV, by what the caller may read of it. What is behind something hidden is not followed.',
  })
  async exportProvenance(
    @Arg('input', () => ExportProvenanceInput, { description: 'What is wanted.' })
    input: ExportProvenanceInput,
    @Ctx() { actor, exchange }: RegistryContext,
  ): Promise<ExportProvenancePayload> {
    const exported = await exchange.exportProvenance(readerOf(actor), {
      ...input,
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
    @Ctx() { actor, exchange }: RegistryContext,
  ): Promise<ValidityReportPayload> {
    const judged = await exchange.validityReport(readerOf(actor), {
      id,
      direction,
      depth: depth ?? DEFAULT_DEPTH,
    });
    return judged.ok
      ? { report: judged.value as ValidityReportPayload['report'], userErrors: [] }
      : { report: null, userErrors: presentUserErrors(judged.errors) };
  }
}
