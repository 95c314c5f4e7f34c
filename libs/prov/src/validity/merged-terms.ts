// What must be one and the same: the key and uniqueness constraints (22 to 29), applied until nothing more follows.
import type { Statement } from '../document.js';
import { append } from '../append.js';
import { argumentsOf, isElement, isTime, STATEMENT_KINDS, type StatementKind } from '../terms.js';
import type { Constraint, Finding } from './constraints.js';
import { isVariable, NONE, shown, type Fact, type Facts, type Term } from './facts.js';

/** Why two terms stand for the same thing: facts that agree, if these terms of theirs are the same. */
interface Merge {
  readonly constraints: readonly Constraint[];
  readonly facts: readonly Fact[];
  readonly keys: readonly Term[];
}

/** Each takes a look through all that was merged; whoever mends so many findings asks again. */
const MOST_EXPLAINED = 200;

/** All that something follows from. */
export interface Reasons {
  readonly statements: ReadonlySet<Statement>;
  /** By which terms were merged on the way. */
  readonly constraints: ReadonlySet<Constraint>;
}

/** Terms that stand for the same thing. */
class SameTerms {
  readonly #parents = new Map<Term, Term>();
  /** Each merge joined two that were apart, so there is one way from a term to another. */
  readonly #merges = new Map<Term, { readonly to: Term; readonly merge: Merge }[]>();
  #explained = 0;

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
  merge(one: Term, other: Term, merge: Merge): boolean {
    const [a, b] = [this.find(one), this.find(other)];
    if (a === b) return true;
    if (isVariable(a)) this.#parents.set(a, b);
    else if (isVariable(b)) this.#parents.set(b, a);
    else return false;
    append(this.#merges, one, { to: other, merge });
    append(this.#merges, other, { to: one, merge });
    return true;
  }

  /** What these facts follow from, and that these terms are what they are taken for. */
  reasons(facts: readonly Fact[], terms: readonly Term[]): Reasons {
    const statements = new Set(facts.flatMap(({ from }) => from));
    const constraints = new Set<Constraint>();
    this.#explained += 1;
    const asked = new Set(this.#explained > MOST_EXPLAINED ? [] : terms);
    for (const term of asked)
      for (const { constraints: by, facts: agreeing, keys } of this.#wayToRoot(term)) {
        for (const one of agreeing) for (const statement of one.from) statements.add(statement);
        for (const one of by) constraints.add(one);
        for (const key of keys) asked.add(key);
      }
    return { statements, constraints };
  }

  #wayToRoot(term: Term): Merge[] {
    const root = this.find(term);
    const cameBy = new Map<Term, { readonly from: Term; readonly merge: Merge } | undefined>([
      [term, undefined],
    ]);
    for (const at of cameBy.keys()) {
      if (at === root) break;
      for (const { to, merge } of this.#merges.get(at) ?? [])
        if (!cameBy.has(to)) cameBy.set(to, { from: at, merge });
    }
    const way: Merge[] = [];
    for (let came = cameBy.get(root); came !== undefined; came = cameBy.get(came.from)) way.push(came.merge);
    return way;
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
  readonly reasons: (facts: readonly Fact[], terms: readonly Term[]) => Reasons;
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
    keys: readonly Term[],
    what: string,
  ): void => {
    if (same.find(one) === same.find(other)) return;
    merges += 1;
    if (same.merge(one, other, { constraints: because, facts, keys })) return;
    merges -= 1;
    const [a, b] = [same.find(one), same.find(other)].map((term) => (term === NONE ? 'none' : shown(term)));
    const message = `${what} cannot be both ${a} and ${b}`;
    const [constraint] = because;
    const name = `${constraint} ${message}`;
    if (findings.has(name)) return;
    const { statements, constraints } = same.reasons(facts, [one, other, ...keys]);
    findings.set(name, {
      constraint,
      because: [...new Set([...because, ...constraints])],
      message,
      statements: [...statements],
    });
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
      merge(
        activity.args[argument] ?? NONE,
        fact.args['time'] ?? NONE,
        [constraint],
        [activity, fact],
        [activity.id, fact.args['activity'] ?? NONE],
        what,
      );
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
              [first.id, next.id],
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
          const keys = [first, next].flatMap(({ args }) => names.map((name) => args[name] ?? NONE));
          merge(
            first.id,
            next.id,
            [constraint],
            [first, next],
            keys,
            `the ${kind} of ${of ?? ''} by ${by ?? ''}`,
          );
        },
      );
    times('wasStartedBy', 'startTime', 28);
    times('wasEndedBy', 'endTime', 29);
  }
  return {
    find: (term) => same.find(term),
    reasons: (facts, terms) => same.reasons(facts, terms),
    findings: [...findings.values()],
  };
}
