// The ordering constraints (30 to 49): a circle of "not after" in which one step says "before" cannot be. Times of the clock
// are not compared: clocks differ.
import { append } from '../append.js';
import type { StatementKind } from '../terms.js';
import { isTime } from '../terms.js';
import { CONSTRAINTS, type Constraint, type Finding } from './constraints.js';
import { NONE, type Fact, type Facts, type Term } from './facts.js';
import type { Merged } from './merged-terms.js';

interface Step {
  readonly to: Term;
  readonly constraint: Constraint;
  readonly strict: boolean;
  /** Facts that it follows from. */
  readonly from: readonly Fact[];
}

interface Event {
  readonly id: Term;
  /** Facts that tell of it. */
  readonly from: readonly Fact[];
}

/** Each takes a look through what surrounds it; whoever mends so many asks again. */
const MOST_CIRCLES = 100;

export function orderingFindings(facts: Facts, { find, reasons }: Merged): Finding[] {
  const steps = stepsOf(facts, find);
  const circleOf = circlesOf(steps);
  const findings: Finding[] = [];
  const seen = new Set<Step>();
  for (const [at, outgoing] of steps)
    for (const step of outgoing) {
      if (findings.length === MOST_CIRCLES) return findings;
      if (!step.strict || seen.has(step) || circleOf.get(at) !== circleOf.get(step.to)) continue;
      const circle = [step, ...wayBack(steps, step.to, at)];
      for (const one of circle) seen.add(one);
      const told = [...new Set(circle.flatMap(({ from }) => from))];
      const { statements, constraints } = reasons(told, told.flatMap(termsOf));
      const because = [...circle.map(({ constraint }) => constraint), ...constraints];
      const words = [...new Set(because)].map((one) => `${CONSTRAINTS[one]} (${one})`).join(', ');
      const message = `these events would have to come before themselves: ${words}`;
      findings.push({ constraint: step.constraint, because, message, statements: [...statements] });
    }
  return findings;
}

/** All but times, which order nothing. */
const termsOf = ({ id, args }: Fact): Term[] => [
  id,
  ...Object.entries(args).flatMap(([name, term]) => (isTime(name) ? [] : [term])),
];

function stepsOf(facts: Facts, find: (term: Term) => Term): ReadonlyMap<Term, Step[]> {
  const steps = new Map<Term, Step[]>();
  const precede = (
    earlier: Event,
    later: Event,
    constraint: Constraint,
    because: readonly Fact[] = [],
    strict = false,
  ): void => {
    const from = [...earlier.from, ...later.from, ...because];
    append(steps, earlier.id, { to: later.id, constraint, strict, from });
    if (!steps.has(later.id)) steps.set(later.id, []);
  };
  const by = (kind: StatementKind, argument: string): Map<Term, Map<Term, Event>> => {
    const events = new Map<Term, Map<Term, Event>>();
    for (const fact of facts.get(kind) ?? []) {
      const of = find(fact.args[argument] ?? NONE);
      const event = { id: find(fact.id), from: [fact] };
      const known = events.get(of);
      if (known === undefined) events.set(of, new Map([[event.id, event]]));
      else if (!known.has(event.id)) known.set(event.id, event);
    }
    return events;
  };
  /** Of several that are simultaneous, one stands for all. */
  const simultaneous = (events: Map<Term, Map<Term, Event>>, constraint: Constraint): Map<Term, Event> => {
    const firsts = new Map<Term, Event>();
    for (const [of, several] of events) {
      const all = [...several.values()];
      const [first] = all;
      if (first === undefined) continue;
      firsts.set(of, first);
      all.forEach((event, at) => {
        const next = all[(at + 1) % all.length] ?? first;
        if (next !== event) precede(event, next, constraint);
      });
    }
    return firsts;
  };
  const starts = simultaneous(by('wasStartedBy', 'activity'), 31);
  const ends = simultaneous(by('wasEndedBy', 'activity'), 32);
  const generations = simultaneous(by('wasGeneratedBy', 'entity'), 39);
  const invalidations = simultaneous(by('wasInvalidatedBy', 'entity'), 40);
  /** Where both events are known. */
  const order = (
    earlier: Event | undefined,
    later: Event | undefined,
    constraint: Constraint,
    because: readonly Fact[] = [],
    strict = false,
  ): void => {
    if (earlier !== undefined && later !== undefined) precede(earlier, later, constraint, because, strict);
  };
  const relations = (
    kind: StatementKind,
    visit: (of: (name: string) => Term, from: readonly Fact[], event: Event) => void,
  ): void => {
    for (const fact of facts.get(kind) ?? [])
      visit((name) => find(fact.args[name] ?? NONE), [fact], { id: find(fact.id), from: [fact] });
  };
  for (const [activity, start] of starts) order(start, ends.get(activity), 30);
  for (const [entity, generation] of generations) order(generation, invalidations.get(entity), 36);
  relations('used', (of, _, usage) => {
    order(starts.get(of('activity')), usage, 33);
    order(usage, ends.get(of('activity')), 33);
    order(generations.get(of('entity')), usage, 37);
    order(usage, invalidations.get(of('entity')), 38);
  });
  relations('wasGeneratedBy', (of, _, generation) => {
    order(starts.get(of('activity')), generation, 34);
    order(generation, ends.get(of('activity')), 34);
  });
  relations('wasInformedBy', (of, from) =>
    order(starts.get(of('informant')), ends.get(of('informed')), 35, from),
  );
  relations('wasDerivedFrom', (of, from) => {
    order(generations.get(of('usedEntity')), generations.get(of('generatedEntity')), 42, from, true);
    if ([of('activity'), of('generation'), of('usage')].includes(NONE)) return;
    order({ id: of('usage'), from }, { id: of('generation'), from }, 41);
  });
  for (const [kind, constraint] of [
    ['wasStartedBy', 43],
    ['wasEndedBy', 44],
  ] as const)
    relations(kind, (of, _, event) => {
      order(generations.get(of('trigger')), event, constraint);
      order(event, invalidations.get(of('trigger')), constraint);
    });
  // Also by way of entities of which no event is known: specialization is transitive (inference 19).
  const eventOf = (events: Map<Term, Event>, what: string, entity: Term): Event =>
    events.get(entity) ?? { id: `${what} ${entity}`, from: [] };
  relations('specializationOf', (of, from) => {
    const [special, general] = [of('specificEntity'), of('generalEntity')];
    const [born, gone] = ['generation', 'invalidation'];
    order(eventOf(generations, born, general), eventOf(generations, born, special), 45, from);
    order(eventOf(invalidations, gone, special), eventOf(invalidations, gone, general), 46, from);
  });
  relations('wasAssociatedWith', (of, from) => {
    const [activity, agent] = [of('activity'), of('agent')];
    order(starts.get(activity), invalidations.get(agent), 47, from);
    order(generations.get(agent), ends.get(activity), 47, from);
    order(starts.get(activity), ends.get(agent), 47, from);
    order(starts.get(agent), ends.get(activity), 47, from);
  });
  relations('wasAttributedTo', (of, from) => {
    order(generations.get(of('agent')), generations.get(of('entity')), 48, from);
    order(starts.get(of('agent')), generations.get(of('entity')), 48, from);
  });
  relations('actedOnBehalfOf', (of, from) => {
    order(generations.get(of('responsible')), invalidations.get(of('delegate')), 49, from);
    order(starts.get(of('responsible')), ends.get(of('delegate')), 49, from);
  });
  return steps;
}

/** Which events are in one circle: strongly connected components, by Tarjan (SIAM J. Comput. 1, 1972) without recursion. */
function circlesOf(steps: ReadonlyMap<Term, readonly Step[]>): ReadonlyMap<Term, number> {
  const order = new Map<Term, number>();
  const low = new Map<Term, number>();
  const circle = new Map<Term, number>();
  const open: Term[] = [];
  let circles = 0;
  for (const root of steps.keys()) {
    if (order.has(root)) continue;
    const way = [{ at: root, next: 0 }];
    for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
      const { at } = top;
      if (top.next === 0 && !order.has(at)) {
        order.set(at, order.size);
        low.set(at, order.get(at) ?? 0);
        open.push(at);
      }
      const step = steps.get(at)?.[top.next];
      if (step !== undefined) {
        top.next += 1;
        if (!order.has(step.to)) way.push({ at: step.to, next: 0 });
        else if (!circle.has(step.to)) low.set(at, Math.min(low.get(at) ?? 0, order.get(step.to) ?? 0));
        continue;
      }
      way.pop();
      const above = way.at(-1)?.at;
      if (above !== undefined) low.set(above, Math.min(low.get(above) ?? 0, low.get(at) ?? 0));
      if (low.get(at) !== order.get(at)) continue;
      for (let member = open.pop(); member !== undefined; member = member === at ? undefined : open.pop())
        circle.set(member, circles);
      circles += 1;
    }
  }
  return circle;
}

/** The shortest way from one event to another in the same circle. */
function wayBack(steps: ReadonlyMap<Term, readonly Step[]>, from: Term, to: Term): readonly Step[] {
  const cameBy = new Map<Term, { readonly at: Term; readonly step: Step }>();
  const waiting = [from];
  for (const at of waiting) {
    if (cameBy.has(to)) break;
    for (const step of steps.get(at) ?? [])
      if (step.to !== from && !cameBy.has(step.to)) {
        cameBy.set(step.to, { at, step });
        waiting.push(step.to);
      }
  }
  const way: Step[] = [];
  for (let at = to; at !== from;) {
    const came = cameBy.get(at);
    if (came === undefined) break;
    way.push(came.step);
    at = came.at;
  }
  return way.reverse();
}
