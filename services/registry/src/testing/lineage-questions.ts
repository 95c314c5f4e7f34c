import fc from 'fast-check';
import type { Direction } from '../domain/lineage.js';
import type { RELATIONS } from '../domain/node.js';
import type { Asker } from './ask.js';
import type { Drawing, DrawnNode, Expected, Planted } from './lineage-graph.js';

/** Everything about a lineage but its records. */
export const LINEAGE = `query ($input: LineageInput!) { lineage(input: $input) {
  edges { cursor hop isTarget node { id name } }
  pageInfo { hasNextPage endCursor }
  counts { total hiddenParts byHop { hop count } byKind { kind count } bySubtype { kind subtype count } }
  links { from to relation role } linksComplete stubs { name } truncation { reason } } }`;

export const PATH = `query ($input: LineagePathInput!) { lineagePath(input: $input) {
  hops steps { node { id name } stub { name } } links { from to relation role } truncation { reason } } }`;

export interface Answer {
  readonly edges: readonly {
    readonly cursor: string;
    readonly hop: number;
    readonly node: { readonly name: string };
  }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly counts: {
    readonly total: number;
    readonly hiddenParts: number;
    readonly byHop: readonly { readonly hop: number; readonly count: number }[];
  };
  readonly links: readonly {
    readonly from: string;
    readonly to: string;
    readonly relation: string | null;
    readonly role: string | null;
  }[];
  readonly linksComplete: boolean;
  readonly stubs: readonly { readonly name: string }[];
  readonly truncation: { readonly reason: string } | null;
}

export interface Question {
  readonly start: string;
  readonly direction: Direction;
  readonly depth?: number | null;
  readonly relations?: readonly string[] | null;
  readonly first?: number;
}

/** Every page of a lineage. */
export async function pages(ask: Asker, planted: Planted, question: Question): Promise<Answer[]> {
  const found: Answer[] = [];
  for (let after: string | null = null, more = true; more;) {
    const input: Record<string, unknown> = { ...question, start: planted.idOf(question.start), after };
    const { lineage }: { lineage: Answer } = await ask.data<{ lineage: Answer }>(LINEAGE, { input });
    found.push(lineage);
    after = lineage.pageInfo.endCursor;
    more = lineage.pageInfo.hasNextPage;
  }
  return found;
}

/** All pages as one, by names, as the oracle has it. */
export function told(planted: Planted, all: readonly Answer[]): Expected {
  const around = new Map(
    all.flatMap(({ stubs }) => stubs.map(({ name }) => [name, new Set<string>()] as const)),
  );
  const links: string[] = [];
  for (const { from, to, relation, role } of all.flatMap((one) => one.links)) {
    const [later, earlier] = [planted.nameOf(from), planted.nameOf(to)];
    around.get(from)?.add(`> ${earlier}`);
    around.get(to)?.add(`< ${later}`);
    if (relation !== null) links.push(`${later} ${relation}/${role ?? ''} ${earlier}`);
  }
  return {
    hops: Object.fromEntries(all.flatMap((one) => one.edges.map(({ hop, node }) => [node.name, hop]))),
    hiddenParts: all[0]?.counts.hiddenParts ?? -1,
    links: links.sort(),
    stubs: [...around.values()].map((some) => [...some].sort().join(', ')).sort(),
  };
}

/** Graphs of any kind: with rings, with edges twice, with all hidden and with nothing hidden; `n0` is always visible. */
export const graphs = fc
  .integer({ min: 2, max: 24 })
  .chain((size) =>
    fc.record({
      hidden: fc.oneof(
        fc.array(fc.boolean(), { minLength: size, maxLength: size }),
        fc.constant(Array.from({ length: size }, (_, at) => at !== size - 1)),
        fc.constant(Array.from({ length: size }, () => false)),
      ),
      edges: fc.array(
        fc.record({
          from: fc.nat(size - 1),
          to: fc.nat(size - 1),
          relation: fc.constantFrom('USED', 'WAS_DERIVED_FROM', 'ALTERNATE_OF'),
          role: fc.constantFrom('', 'data'),
        }),
        { maxLength: 3 * size },
      ),
    }),
  )
  .map(
    ({
      hidden,
      edges,
    }): Drawing & { readonly edges: readonly { relation: (typeof RELATIONS)[number] }[] } => ({
      nodes: hidden.map((is, at): DrawnNode => ({ name: `n${at}`, hidden: is && at !== 0 })),
      edges: edges.map(({ from, to, relation, role }) => ({
        from: `n${from}`,
        to: `n${to}`,
        relation: relation as (typeof RELATIONS)[number],
        role,
      })),
    }),
  );

export const questions = fc.record({
  start: fc.constant('n0'),
  direction: fc.constantFrom<Direction>('UPSTREAM', 'DOWNSTREAM'),
  depth: fc.option(fc.integer({ min: 1, max: 5 })),
  relations: fc.option(fc.subarray(['USED', 'WAS_DERIVED_FROM', 'ALTERNATE_OF'])),
  first: fc.integer({ min: 1, max: 8 }),
});
