import { encodeCursor, pageRequest } from '@weft/database';
import { AppError } from '@weft/errors';
import type { PageInfoType } from '@weft/subgraph';
import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { LineageAnswer, LineageLink, LineageLinks, Truncation } from '../application/lineage-answer.js';
import type { ProvenanceRecord } from '../application/record-reader.js';
import type { LineagePage, LineageQuestion } from '../application/read-lineage.js';
import type { Shortfall } from '../application/walk-lineage.js';
import { LINEAGE_LIMITS } from '../domain/lineage.js';
import type { ProvenanceNode } from '../domain/node.js';
import {
  LineageArgs,
  LineageConnectionType,
  LineageCountsType,
  LineageInput,
  LineageLinkType,
  TargetArgs,
  type LineageEdgeType,
  type LineageStubType,
  type LineageTruncationType,
} from './lineage.type.js';
import { LineagePathInput, LineagePathType } from './lineage-path.type.js';
import { ProvenanceNodeType } from './node.type.js';
import { nodeIdOf } from './item-reads.js';
import { ProvenanceRecordType } from './record.type.js';
import type { RegistryContext } from './registry-context.js';

/** Lineage of any node, and the questions of people that are answered by it. */
@Resolver(() => ProvenanceNodeType)
export class NodeLineageResolver {
  @Query(() => LineageConnectionType, {
    nullable: true,
    description: 'What a node came from, or what came of it; null when the caller may not read the node.',
  })
  async lineage(
    @Arg('input', () => LineageInput, {
      description: 'Where it begins, which way it goes and what is listed.',
    })
    input: LineageInput,
    @Ctx() { provenance, items }: RegistryContext,
  ) {
    const question = questionOf(input);
    const start = await provenance.lineage.start(await nodeIdOf(items, input.start));
    return start === null ? null : provenance.lineage.lineage(start, question);
  }

  @Query(() => LineagePathType, {
    nullable: true,
    description: 'A shortest way from one node to another; null when the caller may not read both.',
  })
  async lineagePath(
    @Arg('input', () => LineagePathInput, { description: 'The two nodes and which way to go.' })
    { from, to, direction, maxDepth }: LineagePathInput,
    @Ctx() { provenance, items }: RegistryContext,
  ): Promise<LineagePathType | null> {
    const path = await provenance.lineage.path({
      from: await nodeIdOf(items, from),
      to: await nodeIdOf(items, to),
      direction,
      maxDepth: depthOf(maxDepth, 'maxDepth'),
    });
    return (
      path && {
        hops: path.steps.length === 0 ? null : path.steps.length - 1,
        steps: path.steps.map(({ node, stub }) => ({ node, stub: stub === null ? null : { name: stub } })),
        links: path.links.map(shownLink),
        shown: path.shown,
        truncation: shownTruncation(path.truncation),
      }
    );
  }

  @FieldResolver(() => LineageConnectionType, {
    name: 'lineage',
    description: 'What it came from, or what came of it.',
  })
  lineageOf(
    @Root() node: ProvenanceNode,
    @Args(() => LineageArgs) wish: LineageArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return provenance.lineage.lineage(node, questionOf(wish));
  }

  @FieldResolver(() => LineageConnectionType, {
    description:
      'Datasets upstream: entities of the subtypes DATASET, DATA, RESULT and IMPORTED; not code, templates or records.',
  })
  contributingDatasets(
    @Root() node: ProvenanceNode,
    @Args(() => TargetArgs) wish: TargetArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return provenance.lineage.datasets(node, 'UPSTREAM', targetsOf(wish));
  }

  @FieldResolver(() => LineageConnectionType, {
    description:
      'Datasets downstream: entities of the subtypes DATASET, DATA, RESULT and IMPORTED; not code, templates or records.',
  })
  effectedDatasets(
    @Root() node: ProvenanceNode,
    @Args(() => TargetArgs) wish: TargetArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return provenance.lineage.datasets(node, 'DOWNSTREAM', targetsOf(wish));
  }

  @FieldResolver(() => LineageConnectionType, {
    description: 'Agents upstream: who had a part in it, or in what it came from.',
  })
  contributingAgents(
    @Root() node: ProvenanceNode,
    @Args(() => TargetArgs) wish: TargetArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return provenance.lineage.agents(node, 'UPSTREAM', targetsOf(wish));
  }

  @FieldResolver(() => LineageConnectionType, {
    description:
      'Agents that it may concern: those whom it or something downstream names (one hop beyond `depth` at most), and those that are downstream.',
  })
  effectedAgents(
    @Root() node: ProvenanceNode,
    @Args(() => TargetArgs) wish: TargetArgs,
    @Ctx() { provenance }: RegistryContext,
  ) {
    return provenance.lineage.agents(node, 'DOWNSTREAM', targetsOf(wish));
  }
}

/** Nothing of a page is read unless it is selected. */
@Resolver(() => LineageConnectionType)
export class LineageConnectionResolver {
  @FieldResolver()
  async edges(@Root() answer: LineageAnswer): Promise<LineageEdgeType[]> {
    return edgesOf(answer);
  }

  @FieldResolver()
  async pageInfo(@Root() answer: LineageAnswer): Promise<PageInfoType> {
    const { hasNextPage, hasPreviousPage } = await answer.page();
    const edges = await edgesOf(answer);
    return {
      hasNextPage,
      hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    };
  }

  @FieldResolver()
  counts(@Root() answer: LineageAnswer): LineageAnswer {
    return answer;
  }

  @FieldResolver()
  async links(@Root() answer: LineageAnswer): Promise<LineageLinkType[]> {
    return (await answer.links()).links.map(shownLink);
  }

  @FieldResolver()
  async linksComplete(@Root() answer: LineageAnswer): Promise<boolean> {
    return (await answer.links()).complete;
  }

  @FieldResolver()
  async stubs(@Root() answer: LineageAnswer): Promise<LineageStubType[]> {
    const { stubs }: LineageLinks = await answer.links();
    return stubs.map((name) => ({ name }));
  }

  @FieldResolver()
  truncation(@Root() answer: LineageAnswer): LineageTruncationType | null {
    return shownTruncation(answer.truncation);
  }
}

@Resolver(() => LineageCountsType)
export class LineageCountsResolver {
  @FieldResolver()
  hiddenParts(@Root() answer: LineageAnswer) {
    return answer.hiddenParts();
  }

  @FieldResolver()
  byHop(@Root() answer: LineageAnswer) {
    return answer.byHop();
  }

  @FieldResolver()
  async byKind(@Root() answer: LineageAnswer) {
    const kinds = Map.groupBy(await answer.tally(), ({ kind }) => kind);
    return [...kinds].map(([kind, some]) => ({
      kind,
      count: some.reduce((sum, { count }) => sum + count, 0),
    }));
  }

  @FieldResolver()
  bySubtype(@Root() answer: LineageAnswer) {
    return answer.tally();
  }
}

@Resolver(() => LineageLinkType)
export class LineageLinkResolver {
  @FieldResolver(() => [ProvenanceRecordType], {
    description:
      'Records that say this and that the caller may read, the first 20: those that were lodged, then those of jobs. None where the registry says it itself, such as what belongs to a data pool, and with a stub.',
  })
  records(
    @Root() { related }: LineageLinkType,
    @Ctx() { provenance }: RegistryContext,
  ): Promise<readonly ProvenanceRecord[]> | readonly ProvenanceRecord[] {
    return related === null ? [] : provenance.recordsOf(related);
  }
}

async function edgesOf(answer: LineageAnswer): Promise<LineageEdgeType[]> {
  const { entries } = await answer.page();
  return entries.map((entry) => ({ ...entry, cursor: encodeCursor([entry.hop, entry.node.id]) }));
}

function shownLink({ from, to, related }: LineageLink): LineageLinkType {
  const role = related?.role ?? '';
  return { from, to, relation: related?.relation ?? null, role: role === '' ? null : role, related };
}

const ADVICE: Readonly<Record<Shortfall, string>> = {
  NODES:
    'Ask for a smaller depth or for fewer relations, or go on with the lineage of a node on the last hop.',
  WORK: 'Ask for a smaller depth or for fewer relations, ask for one lineage a request, or go on with the lineage of a node on the last hop.',
  OWN_ONLY: 'Ask for a smaller depth or for fewer relations, or begin at a node that fewer have used.',
};

const shownTruncation = (truncation: Truncation | null): LineageTruncationType | null =>
  truncation && { ...truncation, advice: ADVICE[truncation.reason] };

function questionOf(wish: LineageArgs): LineageQuestion {
  const { direction, depth, relations, kinds, subtypes } = wish;
  const listOf = <Word>(words: readonly Word[] | null | undefined): Word[] | null =>
    words ? [...new Set(words)].sort() : null;
  return {
    direction,
    depth: depthOf(depth, 'depth'),
    relations: listOf(relations),
    filter: { kinds: listOf(kinds), subtypes: listOf(subtypes) },
    ...pageOfWish(wish),
  };
}

const targetsOf = (wish: TargetArgs) => ({
  depth: depthOf(wish.depth, 'depth'),
  withPaths: wish.withPaths,
  ...pageOfWish(wish),
});

const pageOfWish = ({ first, after }: Pick<LineageArgs, 'first' | 'after'>): LineagePage =>
  pageRequest(first, after, ['integer', 'uuid'], LINEAGE_LIMITS.page);

function depthOf(depth: number | null | undefined, argument: string): number | null {
  if (depth === null || depth === undefined) return null;
  if (depth >= 1 && depth <= LINEAGE_LIMITS.depth) return depth;
  throw new AppError(
    'BAD_USER_INPUT',
    `"${argument}" must be between 1 and ${LINEAGE_LIMITS.depth}, or null for no bound.`,
    { argument, value: depth },
  );
}
