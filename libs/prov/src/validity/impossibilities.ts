// The typing and impossibility constraints (50 to 56).
import { append } from '../append.js';
import type { Statement } from '../document.js';
import { isElement, PROV, STATEMENT_KINDS, type ElementKind, type StatementKind } from '../terms.js';
import type { Constraint, Finding } from './constraints.js';
import { isVariable, NONE, saysEmpty, shown, TYPED, type Fact, type Facts, type Term } from './facts.js';
import type { Merged, Reasons } from './merged-terms.js';

const finding = (
  constraint: Constraint,
  message: string,
  { statements, constraints }: Reasons,
  because: readonly Constraint[] = [],
): Finding => ({
  constraint,
  because: [constraint, ...because, ...constraints],
  message,
  statements: [...statements],
});

export function impossibilityFindings(
  statements: readonly Statement[],
  facts: Facts,
  merged: Merged,
): Finding[] {
  return [
    ...unspecifiedDerivations(statements),
    ...circularSpecializations(facts, merged),
    ...sharedIds(facts, merged),
    ...impossibleTypes(facts, merged),
    ...membersOfEmptyCollections(facts, merged),
  ];
}

const unspecifiedDerivations = (statements: readonly Statement[]): Finding[] =>
  statements
    .filter(({ kind, args }) => kind === 'wasDerivedFrom' && args['activity'] === undefined)
    .filter(({ args }) => args['generation'] !== undefined || args['usage'] !== undefined)
    .map((one) =>
      finding(51, 'a derivation names a generation or a usage, but no activity', {
        statements: new Set([one]),
        constraints: new Set(),
      }),
    );

/** By inference 19 whatever lies on a circle would specialize itself. */
function circularSpecializations(facts: Facts, { find, reasons }: Merged): Finding[] {
  const general = new Map<Term, { readonly to: Term; readonly from: Fact }[]>();
  for (const fact of facts.get('specializationOf') ?? []) {
    const special = find(fact.args['specificEntity'] ?? NONE);
    const to = find(fact.args['generalEntity'] ?? NONE);
    append(general, special, { to, from: fact });
  }
  const done = new Set<Term>();
  const findings: Finding[] = [];
  for (const root of general.keys()) {
    const way: { readonly at: Term; readonly from: readonly Fact[]; next: number }[] = [];
    const onWay = new Map<Term, number>();
    const enter = (at: Term, from: readonly Fact[]): void => {
      onWay.set(at, way.length);
      way.push({ at, from, next: 0 });
    };
    if (!done.has(root)) enter(root, []);
    for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
      const step = general.get(top.at)?.[top.next];
      top.next += 1;
      if (step === undefined) {
        done.add(top.at);
        onWay.delete(top.at);
        way.pop();
        continue;
      }
      const begin = onWay.get(step.to);
      if (begin !== undefined) {
        const circle = [...way.slice(begin + 1).flatMap(({ from }) => from), step.from];
        const why = reasons(
          circle,
          circle.flatMap(({ args }) => Object.values(args)),
        );
        findings.push(finding(52, `${shown(step.to)} would be a specialization of itself`, why));
      } else if (!done.has(step.to)) enter(step.to, [step.from]);
    }
  }
  return findings;
}

/** Relations of which no two share an id (53); with the derivation and the influence none shares one with a thing (54). */
const APART: readonly StatementKind[] = [
  'used', 'wasGeneratedBy', 'wasInvalidatedBy', 'wasStartedBy', 'wasEndedBy', 'wasInformedBy', 'wasAttributedTo',
  'wasAssociatedWith', 'actedOnBehalfOf',
]; // prettier-ignore
const ELEMENTS = STATEMENT_KINDS.filter(isElement);
const IDENTIFIED: readonly StatementKind[] = [...APART, 'wasDerivedFrom', 'wasInfluencedBy'];

/** Also of statements that follow: a derivation says of which kinds the statements are that it names. */
function sharedIds(facts: Facts, { find, reasons }: Merged): Finding[] {
  const byId = new Map<Term, Map<StatementKind, Fact>>();
  for (const kind of [...ELEMENTS, ...IDENTIFIED])
    for (const fact of facts.get(kind) ?? []) {
      const id = find(fact.id);
      // That every relation is an influence of the same id (inference 15) forbids nothing.
      if (
        id === NONE ||
        isVariable(id) ||
        (kind === 'wasInfluencedBy' && fact.from.every((one) => one.kind !== kind))
      )
        continue;
      const kinds = byId.get(id) ?? new Map<StatementKind, Fact>();
      if (!kinds.has(kind)) kinds.set(kind, fact);
      byId.set(id, kinds);
    }
  return [...byId].flatMap(([id, kinds]) => {
    const of = (wanted: readonly StatementKind[]): StatementKind[] =>
      wanted.filter((kind) => kinds.has(kind));
    const [things, apart, identified] = [of(ELEMENTS), of(APART), of(IDENTIFIED)];
    const overlap = (constraint: Constraint, at: readonly StatementKind[]): Finding => {
      const named = at.flatMap((kind) => kinds.get(kind) ?? []);
      const why = reasons(
        named,
        named.map((fact) => fact.id),
      );
      return finding(constraint, `${shown(id)} names ${at.join(' and ')}`, why);
    };
    return [
      ...(apart.length > 1 ? [overlap(53, apart)] : []),
      ...(things.length > 0 && identified.length > 0 ? [overlap(54, [...things, ...identified])] : []),
    ];
  });
}

/** What something is by constraint 50; an entity is no activity (55). */
function impossibleTypes(facts: Facts, { find, reasons }: Merged): Finding[] {
  interface Said {
    readonly from: Fact;
    readonly term: Term;
    /** By what is related to what, not in so many words. */
    readonly isInferred: boolean;
  }
  const types = new Map<Term, Map<ElementKind, Said>>();
  const is = (term: Term, type: ElementKind, from: Fact, isInferred: boolean): void => {
    const of = find(term);
    if (of === NONE) return;
    const known = types.get(of) ?? new Map<ElementKind, Said>();
    if (!known.has(type)) known.set(type, { from, term, isInferred });
    types.set(of, known);
  };
  for (const kind of STATEMENT_KINDS)
    for (const fact of facts.get(kind) ?? []) {
      if (isElement(kind)) is(fact.id, kind, fact, false);
      for (const [name, type] of Object.entries(TYPED[kind] ?? {}))
        is(fact.args[name] ?? NONE, type, fact, true);
    }
  return [...types].flatMap(([term, known]) => {
    const [entity, activity] = [known.get('entity'), known.get('activity')];
    if (entity === undefined || activity === undefined) return [];
    const message = `${shown(term)} is an entity and an activity`;
    const why = reasons([entity.from, activity.from], [entity.term, activity.term]);
    return [finding(55, message, why, entity.isInferred || activity.isInferred ? [50] : [])];
  });
}

function membersOfEmptyCollections(facts: Facts, { find, reasons }: Merged): Finding[] {
  const empty = new Map(
    (facts.get('entity') ?? []).flatMap((fact) =>
      fact.from.some(saysEmpty) ? [[find(fact.id), fact] as const] : [],
    ),
  );
  const members = [...(facts.get('hadMember') ?? []), ...(facts.get('hadDictionaryMember') ?? [])];
  return members.flatMap((fact) => {
    const { collection: ofCollection, dictionary } = fact.args;
    const named = ofCollection ?? dictionary ?? NONE;
    const collection = find(named);
    const said = empty.get(collection);
    return said === undefined
      ? []
      : [
          finding(
            56,
            `${shown(collection)} is an empty collection or dictionary (${PROV}EmptyCollection, EmptyDictionary) with a member`,
            reasons([said, fact], [said.id, named]),
          ),
        ];
  });
}
