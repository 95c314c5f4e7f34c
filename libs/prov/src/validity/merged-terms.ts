// What must be one and the same: the key and uniqueness constraints (22 to 29), applied until nothing more follows.
import { argumentsOf, isElement, isTime, STATEMENT_KINDS, type StatementKind } from '../terms.js';
import type { Constraint, Finding } from './constraints.js';
import { isVariable, NONE, shown, type Fact, type Facts, type Term } from './facts.js';

/** Terms that stand for the same thing. */
class SameTerms {
  readonly #parents = new Map<Term, Term>();

  find(term: Term): Term {
    let root = term;
    for (let next = this.#parents.get(root); next !== undefined; next = this.#parents.get(root)) root = next;
    // The way is shortened for the next who asks.
    for (let at = term; at !== root;) {
      const next = this.#parents.get(at) ?? root;
      this.#parents.set(at, root);
      at = next;
    }
    return root;
  }

  /** False where they cannot be the same: two different constants, or one and nothing. */
  merge(one: Term, other: Term): boolean {
    const [a, b] = [this.find(one), this.find(other)];
    if (a === b) return true;
    if (isVariable(a)) this.#parents.set(a, b);
    else if (isVariable(b)) this.#parents.set(b, a);
    else return false;
    return true;
  }
}

/** Which statements are about the same event if they agree on these arguments. */
const UNIQUE: readonly (readonly [StatementKind, readonly string[], Constraint])[] = [
  ['wasGeneratedBy', ['entity', 'activity'], 24],
  ['wasInvalidatedBy', ['entity', 'activity'], 25],
  ['wasStartedBy', ['activity', 'starter'], 26],
  ['wasEndedBy', ['activity', 'ender'], 27],
];

export interface Merged {
  readonly find: (term: Term) => Term;
  readonly findings: readonly Finding[];
}

export function mergeTerms(facts: Facts): Merged {
  const same = new SameTerms();
  const findings = new Map<string, Finding>();
  /** Names of statements that are one statement by more than their name. */
  const uniqueBy = new Map<Term, Constraint>();
  let merges = 0;
  const merge = (
    one: Term,
    other: Term,
    because: readonly [Constraint, ...Constraint[]],
    facts: readonly Fact[],
    what: string,
  ): void => {
    if (same.find(one) === same.find(other)) return;
    merges += 1;
    if (same.merge(one, other)) return;
    merges -= 1;
    const [a, b] = [same.find(one), same.find(other)].map((term) => (term === NONE ? 'none' : shown(term)));
    const message = `${what} cannot be both ${a} and ${b}`;
    const statements = [...new Set(facts.flatMap(({ from }) => from))];
    const [constraint] = because;
    findings.set(`${constraint} ${message}`, { constraint, because, message, statements });
  };
  /** Facts that agree on something agree on the rest. */
  const agree = (
    kind: StatementKind,
    keyOf: (fact: Fact) => string,
    mergeTwo: (first: Fact, next: Fact) => void,
  ): void => {
    const firsts = new Map<string, Fact>();
    for (const fact of facts.get(kind) ?? []) {
      const key = keyOf(fact);
      const first = firsts.get(key);
      if (first === undefined) firsts.set(key, fact);
      else mergeTwo(first, fact);
    }
  };
  const times = (relation: StatementKind, argument: string, constraint: Constraint): void => {
    const activities = new Map((facts.get('activity') ?? []).map((fact) => [same.find(fact.id), fact]));
    for (const fact of facts.get(relation) ?? []) {
      const activity = activities.get(same.find(fact.args['activity'] ?? NONE));
      if (activity === undefined) continue;
      const what = `the ${argument === 'startTime' ? 'start' : 'end'} of ${shown(activity.id)}`;
      merge(activity.args[argument] ?? NONE, fact.args['time'] ?? NONE, [constraint], [activity, fact], what);
    }
  };
  for (let before = -1; before !== merges;) {
    before = merges;
    for (const kind of STATEMENT_KINDS)
      agree(
        kind,
        ({ id }) => same.find(id),
        (first, next) => {
          const unique = first.id === next.id ? undefined : (uniqueBy.get(first.id) ?? uniqueBy.get(next.id));
          const key = isElement(kind) ? 22 : 23;
          for (const name of argumentsOf(kind))
            merge(
              first.args[name] ?? NONE,
              next.args[name] ?? NONE,
              unique === undefined ? [key] : [key, unique],
              [first, next],
              `${isTime(name) ? `the ${name}` : `"${name}"`} of the ${kind} ${shown(first.id)}`,
            );
        },
      );
    for (const [kind, names, constraint] of UNIQUE)
      agree(
        kind,
        ({ args }) => names.map((name) => same.find(args[name] ?? NONE)).join(' '),
        (first, next) => {
          const [of, by] = names.map((name) => shown(same.find(first.args[name] ?? NONE)));
          for (const { id } of [first, next]) uniqueBy.set(id, constraint);
          merge(first.id, next.id, [constraint], [first, next], `the ${kind} of ${of ?? ''} by ${by ?? ''}`);
        },
      );
    times('wasStartedBy', 'startTime', 28);
    times('wasEndedBy', 'endTime', 29);
  }
  return { find: (term) => same.find(term), findings: [...findings.values()] };
}
