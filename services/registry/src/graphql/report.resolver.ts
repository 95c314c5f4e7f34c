import { payload } from '@weft/subgraph';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { ProvenanceNode } from '../domain/node.js';
import { PageArgs } from './connection.type.js';
import { presentSlice } from './item.type.js';
import { ItemType } from './node.type.js';
import type { RegistryContext } from './registry-context.js';
import {
  GenerateReportInputType,
  GenerateReportPayload,
  presentReport,
  ReportConnectionType,
  ReportType,
} from './report.type.js';

@Resolver(() => ReportType)
export class ReportResolver {
  @Mutation(() => GenerateReportPayload, {
    description:
      'Has a report made of a study or a model run, by a job. It tells what you may read at this moment, and is yours alone: job and files are in your personal organization. Needs METADATA_READ on the item; up to 20 reports of yours are on their way at a time (RATE_LIMITED).',
  })
  async generateReport(
    @Arg('input', () => GenerateReportInputType, { description: 'Of what, and how.' })
    input: GenerateReportInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    const outcome = await context.requestReport(context, input);
    const report = outcome.ok ? await context.reports.report(outcome.value.reportId) : null;
    return payload(Promise.resolve(outcome), ({ repeated }) => ({
      report: report && presentReport(report),
      repeated,
    }));
  }

  @Query(() => ReportType, {
    nullable: true,
    description:
      'A report by its id; null unless the caller asked for it and may still read the item that it is of.',
  })
  async report(
    @Arg('id', () => ID, { description: 'Id of the report.' }) id: string,
    @Ctx() { reports }: RegistryContext,
  ): Promise<ReportType | null> {
    const report = await reports.report(id);
    return report && presentReport(report);
  }

  @FieldResolver(() => ItemType, {
    nullable: true,
    description: 'The study or model run; null when the caller may no longer read it.',
  })
  item(@Root() { itemId }: ReportType, @Ctx() { provenance }: RegistryContext) {
    return provenance.node(itemId);
  }
}

@Resolver(() => ItemType)
export class ItemReportsResolver {
  @FieldResolver(() => ReportConnectionType, {
    description:
      'Reports of it that the caller asked for, the last first. None but of studies and model runs.',
  })
  async reports(
    @Root() node: ProvenanceNode,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { reports }: RegistryContext,
  ) {
    return presentSlice(
      await reports.ofItem(node, page),
      ({ requestedAt, id }) => [requestedAt.toISOString(), id],
      presentReport,
    );
  }
}
