import { PROV, type Attribute, type ProvDocument, type Statement } from '@weft/prov';
import type { NodeFacts, NodeKind } from './node.js';
import { shortened } from './text-rules.js';

export interface ImportedThing {
  /** As the document names it; `_:x` is a name within the document only. */
  readonly iri: string;
  readonly kind: NodeKind;
  readonly name: string;
  /** The document describes it; else it is only spoken of. */
  readonly described: boolean;
  readonly facts: NodeFacts;
}

interface Met {
  readonly iri: string;
  readonly isActivity: boolean;
  /** What it is where it stands. */
  readonly as: Set<NodeKind>;
}

const LONGEST_NAME = 200;
const MOST_TYPES = 20;

/** The things of a document, each once, whichever bundles speak of it. */
export class ThingCollector {
  readonly #places = new Map<string, number>();
  readonly #met: Met[] = [];
  readonly #described = new Map<
    string,
    { readonly kinds: Set<NodeKind>; readonly statements: Statement[] }
  >();

  constructor(document: ProvDocument) {
    for (const { statements } of [document, ...document.bundles])
      for (const statement of statements) this.#describe(statement);
  }

  get all(): ImportedThing[] {
    return this.#met.map((met) => this.#thing(met));
  }

  /** @param kind what it is where it stands; undefined: that is not told there. */
  place(iri: string, kind: NodeKind | undefined): number {
    const { kinds } = this.#described.get(iri) ?? NOTHING;
    const isActivity =
      kind === 'ACTIVITY' || (kind === undefined && kinds.size === 1 && kinds.has('ACTIVITY'));
    const key = `${isActivity ? 'a' : 'e'} ${iri}`;
    const place = this.#places.get(key) ?? this.#met.length;
    if (place === this.#met.length) {
      this.#places.set(key, place);
      this.#met.push({ iri, isActivity, as: new Set() });
    }
    if (kind !== undefined) this.#met[place]?.as.add(kind);
    return place;
  }

  #thing({ iri, isActivity, as }: Met): ImportedThing {
    const { kinds, statements } = this.#described.get(iri) ?? NOTHING;
    const told = statements.filter((one) => (one.kind === 'activity') === isActivity);
    const attributes = told.flatMap((one) => one.attributes);
    const is = told.length > 0 ? kinds : as;
    return {
      iri,
      // Who bears responsibility may be an entity as well; that it bears it says more.
      kind: isActivity ? 'ACTIVITY' : is.has('AGENT') ? 'AGENT' : 'ENTITY',
      name: nameOf(iri, attributes),
      described: told.length > 0,
      facts: factsOf(iri, told, attributes),
    };
  }

  #describe(statement: Statement): void {
    const { kind, id } = statement;
    if (id === undefined || (kind !== 'entity' && kind !== 'activity' && kind !== 'agent')) return;
    const known = this.#described.get(id) ?? { kinds: new Set<NodeKind>(), statements: [] };
    known.kinds.add(KINDS[kind]);
    known.statements.push(statement);
    this.#described.set(id, known);
  }
}

const KINDS = { entity: 'ENTITY', activity: 'ACTIVITY', agent: 'AGENT' } as const;
const NOTHING: { readonly kinds: ReadonlySet<NodeKind>; readonly statements: readonly Statement[] } = {
  kinds: new Set(),
  statements: [],
};

/** Its label, or the last part of its IRI. */
function nameOf(iri: string, attributes: readonly Attribute[]): string {
  const label = attributes.find(({ name }) => name === `${PROV}label`)?.value;
  const name =
    label !== undefined && 'text' in label ? label.text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim() : '';
  return shortened(name === '' ? (/[^#/:]+[#/:]*$/u.exec(iri)?.[0] ?? iri) : name, LONGEST_NAME);
}

function factsOf(iri: string, told: readonly Statement[], attributes: readonly Attribute[]): NodeFacts {
  const types = attributes.flatMap(({ name, value }) =>
    name === `${PROV}type` && 'iri' in value ? value.iri : [],
  );
  const time = (name: string): string | undefined =>
    told.find(({ args }) => args[name] !== undefined)?.args[name];
  const [startedAt, endedAt] = [time('startTime'), time('endTime')];
  return {
    iri,
    ...(types.length === 0 ? {} : { types: [...new Set(types)].slice(0, MOST_TYPES) }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
  };
}
