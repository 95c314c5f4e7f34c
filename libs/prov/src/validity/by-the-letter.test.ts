// PROV-CONSTRAINTS by its letter and without any thought for time: every inference is carried out until nothing follows any
// more, every constraint is tried on every pair. Whatever it says of a small document, `violationsOf` has to say.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Statement } from '../document.js';
import { argumentsOf, isElement, isPlain, isTime, PROV, type StatementKind } from '../terms.js';
import { violationsOf } from './validity.js';

interface Fact {
  readonly kind: StatementKind;
  id: string;
  args: string[];
  readonly isEmpty: boolean;
}

class Contradiction extends Error {}

const isVariable = (term: string): boolean => term.startsWith('?');

class Instance {
  facts: Fact[] = [];
  #variables = 0;

  constructor(statements: readonly Statement[]) {
    for (const { kind, id, args, attributes } of statements) {
      const hasActivity = kind === 'wasDerivedFrom' && args['activity'] !== undefined;
      const given = argumentsOf(kind).map((name) => {
        const isExpanded =
          kind === 'wasAssociatedWith'
            ? name !== 'plan'
            : kind !== 'wasDerivedFrom' || (hasActivity && name !== 'activity');
        return args[name] ?? (isExpanded ? undefined : '-');
      });
      this.add(kind, given, id, attributes.length > 0);
    }
  }

  add(kind: StatementKind, args: readonly (string | undefined)[], id?: string, isEmpty = false): void {
    this.facts.push({
      kind,
      id: id ?? this.fresh(),
      args: args.map((term) => term ?? this.fresh()),
      isEmpty,
    });
  }

  fresh(): string {
    return `?${(this.#variables += 1)}`;
  }

  of(kind: StatementKind): Fact[] {
    return this.facts.filter((fact) => fact.kind === kind);
  }

  has(kind: StatementKind, args: readonly (string | undefined)[], id?: string): boolean {
    return this.of(kind).some(
      (fact) =>
        (id === undefined || fact.id === id) &&
        args.every((term, at) => term === undefined || fact.args[at] === term),
    );
  }

  /** Adds what is not there with these arguments, the others being whatever they are. */
  infer(kind: StatementKind, args: readonly (string | undefined)[], id?: string): void {
    if (!this.has(kind, args, id))
      this.add(
        kind,
        argumentsOf(kind).map((_, at) => args[at]),
        id,
      );
  }

  /** True: something was merged. */
  merge(one: string, other: string): boolean {
    if (one === other) return false;
    if (!isVariable(one) && !isVariable(other)) throw new Contradiction(`${one} and ${other}`);
    const [variable, term] = isVariable(one) ? [one, other] : [other, one];
    for (const fact of this.facts) {
      if (fact.id === variable) fact.id = term;
      fact.args = fact.args.map((arg) => (arg === variable ? term : arg));
    }
    this.facts = [...new Map(this.facts.map((fact) => [JSON.stringify(fact), fact])).values()];
    return true;
  }
}

const UNIQUE: Readonly<Partial<Record<StatementKind, readonly number[]>>> = {
  wasGeneratedBy: [0, 1], wasInvalidatedBy: [0, 1], wasStartedBy: [0, 2], wasEndedBy: [0, 2],
}; // prettier-ignore

/** Constraints 22 to 29; true: once more. */
function mergeOnce(instance: Instance): boolean {
  for (const one of instance.facts)
    for (const other of instance.facts) {
      if (one === other) continue;
      if (one.kind === other.kind && one.id === other.id)
        for (const [at, term] of one.args.entries())
          if (instance.merge(term, other.args[at] ?? '')) return true;
      const unique = UNIQUE[one.kind];
      if (one.kind === other.kind && unique?.every((at) => one.args[at] === other.args[at]) === true)
        if (instance.merge(one.id, other.id)) return true;
      for (const [kind, time] of [
        ['wasStartedBy', 0],
        ['wasEndedBy', 1],
      ] as const)
        // prettier-ignore
        if (one.kind === 'activity' && other.kind === kind && other.args[0] === one.id)
          if (instance.merge(one.args[time] ?? '', other.args[3] ?? '')) return true;
    }
  return false;
}

const INFLUENCES: readonly StatementKind[] = [
  'wasGeneratedBy', 'used', 'wasInformedBy', 'wasStartedBy', 'wasEndedBy', 'wasInvalidatedBy', 'wasDerivedFrom',
  'wasAttributedTo', 'wasAssociatedWith', 'actedOnBehalfOf',
]; // prettier-ignore

/** Inferences 5 to 21, but 12, of types that nothing here has. */
function inferFrom(instance: Instance, { kind, id, args, isEmpty }: Fact): void {
  const [a = '', b = '', c = '', d = '', e = ''] = args;
  const of = (wanted: StatementKind): Fact[] => instance.of(wanted);
  const passed = (): boolean => of('wasGeneratedBy').some((made) => made.args[1] === b && instance.has('used', [a, made.args[0]]));
  const associated = (): boolean => of('wasGeneratedBy').some((made) => made.args[0] === a && instance.has('wasAssociatedWith', [made.args[1], b]));
  if (INFLUENCES.includes(kind)) instance.infer('wasInfluencedBy', [a, b], id);
  if (kind === 'wasInformedBy' && !passed()) {
    const entity = instance.fresh();
    instance.add('wasGeneratedBy', [entity, b, undefined]);
    instance.add('used', [a, entity, undefined]);
  }
  if (kind === 'used')
    for (const made of of('wasGeneratedBy')) if (made.args[0] === b) instance.infer('wasInformedBy', [a, made.args[1]]);
  if (kind === 'entity') {
    instance.infer('wasGeneratedBy', [id]);
    instance.infer('wasInvalidatedBy', [id]);
    instance.infer('alternateOf', [id, id]);
    for (const { args: [special = '', general] } of of('specializationOf'))
      if (general === id && !of('entity').some((one) => one.id === special && (one.isEmpty || !isEmpty)))
        instance.add('entity', [], special, isEmpty);
  }
  if (kind === 'activity') {
    instance.infer('wasStartedBy', [id, undefined, undefined, a]);
    instance.infer('wasEndedBy', [id, undefined, undefined, b]);
  }
  if (kind === 'wasStartedBy' || kind === 'wasEndedBy') instance.infer('wasGeneratedBy', [b, c]);
  if (kind === 'wasDerivedFrom' && ![c, d, e].includes('-')) {
    instance.infer('used', [c, b], e);
    instance.infer('wasGeneratedBy', [a, c], d);
  }
  if (kind === 'wasAttributedTo' && !associated()) {
    const activity = instance.fresh();
    instance.add('wasGeneratedBy', [a, activity, undefined]);
    instance.add('wasAssociatedWith', [activity, b, undefined]);
  }
  if (kind === 'actedOnBehalfOf') for (const agent of [a, b]) instance.infer('wasAssociatedWith', [c, agent]);
  if (kind === 'specializationOf') instance.infer('alternateOf', [a, b]);
  if (kind === 'alternateOf') instance.infer('alternateOf', [b, a]);
  if (kind === 'specializationOf' || kind === 'alternateOf')
    for (const { args: [from, to] } of of(kind)) if (from === b) instance.infer(kind, [a, to]);
} // prettier-ignore

type Order = readonly [earlier: string, later: string, strict: boolean];

/** Constraints 30 to 49. */
function ordersOf(instance: Instance): Order[] {
  const orders: Order[] = [];
  const events = (kind: StatementKind, of: string | undefined, at = 0): string[] =>
    instance.of(kind).flatMap(({ id, args }) => (args[at] === of ? [id] : []));
  const precede = (earlier: readonly string[], later: readonly string[], strict = false): void => {
    for (const one of earlier) for (const other of later) orders.push([one, other, strict]);
  };
  const start = (activity?: string) => events('wasStartedBy', activity);
  const end = (activity?: string) => events('wasEndedBy', activity);
  const made = (entity?: string) => events('wasGeneratedBy', entity);
  const gone = (entity?: string) => events('wasInvalidatedBy', entity);
  for (const { kind, id, args } of instance.facts) {
    const [a, b, c = '', d = '', e = ''] = args;
    switch (kind) {
      case 'wasStartedBy': precede([id], [...start(a), ...end(a)]); precede(made(b), [id]); precede([id], gone(b)); break;
      case 'wasEndedBy': precede([id], end(a)); precede(made(b), [id]); precede([id], gone(b)); break;
      case 'used': precede([...start(a), ...made(b)], [id]); precede([id], [...end(a), ...gone(b)]); break;
      case 'wasGeneratedBy': precede(start(b), [id]); precede([id], [...end(b), ...made(a), ...gone(a)]); break;
      case 'wasInvalidatedBy': precede([id], gone(a)); break;
      case 'wasInformedBy': precede(start(b), end(a)); break;
      case 'wasDerivedFrom': precede(made(b), made(a), true); if (![c, d, e].includes('-')) precede([e], [d]); break;
      case 'specializationOf': precede(made(b), made(a)); precede(gone(a), gone(b)); break;
      case 'wasAssociatedWith': precede(start(a), [...gone(b), ...end(b)]); precede([...made(b), ...start(b)], end(a)); break;
      case 'wasAttributedTo': precede([...made(b), ...start(b)], made(a)); break;
      case 'actedOnBehalfOf': precede(made(b), gone(a)); precede(start(b), end(a)); break;
      default:
    }
  }
  return orders;
} // prettier-ignore

function isOrdered(orders: readonly Order[]): boolean {
  const after = Map.groupBy(orders, ([earlier]) => earlier);
  return orders.every(([earlier, later, strict]) => {
    if (!strict) return true;
    const reached = new Set([later]);
    for (const one of reached) for (const [, next] of after.get(one) ?? []) reached.add(next);
    return !reached.has(earlier);
  });
}

const E = 'entity';
const A = 'activity';
/** Constraint 50, by the places of the arguments. */
const TYPES: Readonly<Partial<Record<StatementKind, readonly (string | undefined)[]>>> = {
  wasGeneratedBy: [E, A], used: [A, E], wasInformedBy: [A, A], wasStartedBy: [A, E, A], wasEndedBy: [A, E, A], wasInvalidatedBy: [E, A],
  wasDerivedFrom: [E, E, A], wasAttributedTo: [E], wasAssociatedWith: [A, undefined, E], actedOnBehalfOf: [undefined, undefined, A],
  alternateOf: [E, E], specializationOf: [E, E], hadMember: [E, E],
}; // prettier-ignore

/** Constraints 50 to 56. */
function isPossible({ facts }: Instance): boolean {
  const types = new Set(
    facts.flatMap(({ kind, id, args }) => [
      ...(isElement(kind) ? [`${kind} ${id}`] : []),
      ...(TYPES[kind] ?? []).flatMap((type, at) =>
        type === undefined || args[at] === '-' ? [] : [`${type} ${args[at] ?? ''}`],
      ),
    ]),
  );
  const isBoth = [...types].some(
    (type) => type.startsWith(`${E} `) && types.has(`${A}${type.slice(E.length)}`),
  );
  const empty = new Set(facts.flatMap(({ kind, id, isEmpty }) => (kind === E && isEmpty ? [id] : [])));
  const isWrong = ({ kind, args }: Fact): boolean =>
    (kind === 'hadMember' && empty.has(args[0] ?? '')) ||
    (kind === 'specializationOf' && args[0] === args[1]) ||
    (kind === 'wasDerivedFrom' && args[2] === '-' && (args[3] !== '-' || args[4] !== '-'));
  const apart: readonly StatementKind[] = INFLUENCES.filter((kind) => kind !== 'wasDerivedFrom');
  const overlaps = facts.some((one) =>
    facts.some((other) => {
      if (one.id !== other.id || one.kind === other.kind) return false;
      if (apart.includes(one.kind) && apart.includes(other.kind)) return true;
      return isElement(one.kind) && [...INFLUENCES, 'wasInfluencedBy'].includes(other.kind);
    }),
  );
  return !isBoth && !facts.some(isWrong) && !overlaps;
}

/** Undefined: too much follows to go on. */
function isValid(statements: readonly Statement[]): boolean | undefined {
  const instance = new Instance(statements);
  try {
    for (let before = -1; before !== instance.facts.length;) {
      while (mergeOnce(instance));
      before = instance.facts.length;
      for (const fact of [...instance.facts]) inferFrom(instance, fact);
      if (instance.facts.length > 300) return undefined;
    }
  } catch (error) {
    if (error instanceof Contradiction) return false;
    throw error;
  }
  return isPossible(instance) && isOrdered(ordersOf(instance));
}

/** How many arguments a statement of a kind has at least. */
const LEAST: Readonly<Partial<Record<StatementKind, number>>> = {
  wasGeneratedBy: 1, used: 1, wasStartedBy: 1, wasEndedBy: 1, wasInvalidatedBy: 1, wasAssociatedWith: 1, activity: 0,
}; // prettier-ignore
const KINDS = [
  'entity', 'activity', 'agent', ...INFLUENCES, 'wasInfluencedBy', 'specializationOf', 'alternateOf', 'hadMember',
] as const satisfies readonly StatementKind[]; // prettier-ignore

const names = {
  [E]: fc.constantFrom('e1', 'e2', 'e3'),
  [A]: fc.constantFrom('a1', 'a2'),
  agent: fc.constantFrom('g1', 'e1', 'a1'),
  statement: fc.constantFrom('i1', 'i2', 'i3'),
  time: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
};
const rarely = <T>(often: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 19, arbitrary: often }, { weight: 1, arbitrary: other });

function argumentOf(kind: StatementKind, name: string, at: number): fc.Arbitrary<string> {
  if (isTime(name)) return names.time;
  if (name === 'generation' || name === 'usage') return names.statement;
  const type = TYPES[kind]?.[at];
  if (type === undefined) return kind === 'wasInfluencedBy' ? fc.oneof(names[E], names[A]) : names.agent;
  return type === E ? rarely(names[E], names[A]) : rarely(names[A], names[E]);
}

const idOf = (kind: StatementKind): fc.Arbitrary<string | undefined> => {
  if (kind === E || kind === A) return rarely(names[kind], names.statement);
  if (kind === 'agent') return names.agent;
  return isPlain(kind) ? fc.constant(undefined) : fc.option(names.statement, { nil: undefined });
};

const statements = fc.array(
  fc.constantFrom(...KINDS).chain((kind) => {
    const args = argumentsOf(kind);
    const arbitraries = args.map((name, at) => [name, argumentOf(kind, name, at)] as const);
    return fc.record({
      kind: fc.constant(kind),
      id: idOf(kind),
      args: fc.record(Object.fromEntries(arbitraries), { requiredKeys: args.slice(0, LEAST[kind] ?? 2) }),
      attributes: rarely(
        fc.constant([]),
        fc.constant(kind === E ? [{ name: `${PROV}type`, value: { iri: `${PROV}EmptyCollection` } }] : []),
      ),
    });
  }),
  { minLength: 2, maxLength: 8 },
);

it('small documents get the verdict that the specification gives them by its letter', () => {
  const verdicts = { valid: 0, invalid: 0 };
  fc.assert(
    fc.property(statements, (given) => {
      const expected = isValid(given);
      if (expected === undefined) return;
      verdicts[expected ? 'valid' : 'invalid'] += 1;
      const namespaces = { prefixes: new Map<string, string>(), fallback: undefined };
      const found = violationsOf({ namespaces, statements: given, bundles: [] });
      expect(found.length === 0).toBe(expected);
      for (const { statements: atFault, because } of found) {
        expect(because.length).toBeGreaterThan(0);
        // Those at fault contradict each other by themselves, whatever else is said.
        expect(isValid(atFault)).not.toBe(true);
      }
    }),
    { numRuns: 1500 },
  );
  expect(Math.min(verdicts.valid, verdicts.invalid)).toBeGreaterThan(100);
});
