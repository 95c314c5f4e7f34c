import { describe, expect, it } from 'vitest';
import { readProvN } from '../index.js';
import type { Constraint } from './constraints.js';
import { violationsOf } from './validity.js';

const document = (...lines: string[]) =>
  readProvN(`document\nprefix ex <http://example.org/>\n${lines.join('\n')}\nendDocument`);
const brokenBy = (...lines: string[]): Constraint[] => [
  ...new Set(violationsOf(document(...lines)).map(({ constraint }) => constraint)),
];

describe('what no constraint forbids', () => {
  it.each<[string, string[]]>([
    ['nothing', []],
    ['a run', [
      'entity(ex:in)', 'entity(ex:out)', 'activity(ex:run, 2026-01-01T10:00:00Z, 2026-01-01T11:00:00Z)', 'agent(ex:ada)',
      'used(ex:run, ex:in, 2026-01-01T10:10:00Z)', 'wasGeneratedBy(ex:out, ex:run, -)', 'wasAssociatedWith(ex:run, ex:ada, -)',
      'wasAttributedTo(ex:out, ex:ada)', 'wasDerivedFrom(ex:out, ex:in)',
    ]],
    ['clocks that disagree with the order', [
      'entity(ex:e)', 'wasGeneratedBy(ex:e, ex:a, 2026-01-02T00:00:00Z)', 'used(ex:b, ex:e, 2026-01-01T00:00:00Z)',
    ]],
    ['two uses of one entity by one activity', ['used(ex:a, ex:e, -, [prov:role = "x"])', 'used(ex:a, ex:e, -, [prov:role = "y"])']],
    ['two generations by different activities, nothing between them', ['wasGeneratedBy(ex:e, ex:a, -)', 'wasGeneratedBy(ex:e, ex:b, -)']],
    ['a generation that is told twice', [
      'wasGeneratedBy(ex:g; ex:e, ex:a, -)', 'wasGeneratedBy(ex:e, ex:a, 2026-01-01T00:00:00Z)', 'wasGeneratedBy(ex:e, ex:a, 2026-01-01T01:00:00+01:00)',
    ]],
    ['an agent that is also an entity, or an activity', ['agent(ex:x)', 'entity(ex:x)', 'agent(ex:y)', 'activity(ex:y)']],
    ['an influence with the id of the derivation that it is', ['wasInfluencedBy(ex:i; ex:e2, ex:e1)', 'wasDerivedFrom(ex:i; ex:e2, ex:e1)']],
    ['activities that inform each other', ['activity(ex:a)', 'activity(ex:b)', 'wasInformedBy(ex:a, ex:b)', 'wasInformedBy(ex:b, ex:a)']],
    ['derivation of what nobody declared', ['wasDerivedFrom(ex:e1, ex:e2)', 'wasDerivedFrom(ex:e2, ex:e1)']],
    ['an empty collection', ["entity(ex:c, [prov:type = 'prov:EmptyCollection'])"]],
    ['alternates of each other', ['alternateOf(ex:a, ex:b)', 'alternateOf(ex:b, ex:a)']],
    ['specializations that meet', ['specializationOf(ex:a, ex:b)', 'specializationOf(ex:a, ex:c)', 'specializationOf(ex:b, ex:d)', 'specializationOf(ex:c, ex:d)']],
    ['a bundle beside what it contradicts', ['activity(ex:x)', 'bundle ex:b', 'entity(ex:x)', 'endBundle']],
  ])('%s', (_, lines) => {
    expect(brokenBy(...lines)).toEqual([]);
  }); // prettier-ignore
});

const T1 = '2026-01-01T00:00:00Z';
const T2 = '2026-01-02T00:00:00Z';

describe('what a constraint forbids', () => {
  it.each<[Constraint[], string[]]>([
    [[22, 28], [`activity(ex:a, ${T1}, -)`, `activity(ex:a, ${T2}, -)`]],
    [[23], [`used(ex:u; ex:a, ex:e, ${T1})`, `used(ex:u; ex:a, ex:e, ${T2})`]],
    [[23], ['wasInformedBy(ex:i; ex:a, ex:b)', 'wasInformedBy(ex:i; ex:a, ex:c)']],
    [[23], ['wasAssociatedWith(ex:w; ex:a, ex:ag, -)', 'wasAssociatedWith(ex:w; ex:a, ex:ag, ex:plan)']],
    [[23], ['wasDerivedFrom(ex:d; ex:e2, ex:e1)', 'wasDerivedFrom(ex:d; ex:e2, ex:e1, ex:a, -, -)']],
    [[23], ['wasDerivedFrom(ex:d; ex:e2, ex:e1)', 'wasInfluencedBy(ex:d; ex:e3, ex:e1)']],
    [[24], ['wasGeneratedBy(ex:g1; ex:e, ex:a, -)', 'wasGeneratedBy(ex:g2; ex:e, ex:a, -)']],
    [[23], [`wasGeneratedBy(ex:e, ex:a, ${T1})`, `wasGeneratedBy(ex:e, ex:a, ${T2})`]],
    [[25], ['wasInvalidatedBy(ex:g1; ex:e, ex:a, -)', 'wasInvalidatedBy(ex:g2; ex:e, ex:a, -)']],
    [[26], ['wasStartedBy(ex:s1; ex:a, ex:e, ex:b, -)', 'wasStartedBy(ex:s2; ex:a, ex:e, ex:b, -)']],
    [[27], ['wasEndedBy(ex:s1; ex:a, ex:e, ex:b, -)', 'wasEndedBy(ex:s2; ex:a, ex:e, ex:b, -)']],
    [[28], [`activity(ex:a, ${T1}, -)`, `wasStartedBy(ex:a, ex:e, -, ${T2})`]],
    [[29], [`activity(ex:a, -, ${T1})`, `wasEndedBy(ex:a, ex:e, -, ${T2})`]],
    [[42], ['entity(ex:e)', 'wasDerivedFrom(ex:e, ex:e)']],
    [[42], ['entity(ex:e1)', 'entity(ex:e2)', 'wasDerivedFrom(ex:e1, ex:e2)', 'wasDerivedFrom(ex:e2, ex:e1)']],
    [[42], ['wasGeneratedBy(ex:x, ex:a, -)', 'wasGeneratedBy(ex:x, ex:b, -)', 'wasDerivedFrom(ex:y, ex:x, ex:a, -, -)', 'wasDerivedFrom(ex:x, ex:y, ex:b, -, -)']],
    [[42], ['entity(ex:e1)', 'entity(ex:e2)', 'specializationOf(ex:e2, ex:e1)', 'wasDerivedFrom(ex:e1, ex:e2)']],
    [[42], ['wasAttributedTo(ex:e, ex:ag)', 'entity(ex:ag)', 'wasDerivedFrom(ex:ag, ex:e)']],
    [[51], ['wasDerivedFrom(ex:d; ex:e2, ex:e1, -, ex:g, -)']],
    [[51], ['wasDerivedFrom(ex:d; ex:e2, ex:e1, -, -, ex:u)']],
    [[52], ['specializationOf(ex:e, ex:e)']],
    [[52], ['specializationOf(ex:a, ex:b)', 'specializationOf(ex:b, ex:c)', 'specializationOf(ex:c, ex:a)']],
    [[53], ['used(ex:id; ex:a, ex:e, -)', 'wasInvalidatedBy(ex:id; ex:e, ex:a, -)']],
    [[54], ['entity(ex:id)', 'used(ex:id; ex:a, ex:e, -)']],
    [[54], ['agent(ex:id)', 'wasDerivedFrom(ex:id; ex:e2, ex:e1)']],
    [[55], ['entity(ex:x)', 'activity(ex:x)']],
    [[55], ['used(ex:x, ex:e, -)', 'used(ex:a, ex:x, -)']],
    [[55], ['wasAssociatedWith(ex:a, ex:ag, ex:plan)', 'activity(ex:plan)']],
    [[56], ["entity(ex:c, [prov:type = 'prov:EmptyCollection'])", 'hadMember(ex:c, ex:e)']],
    [[56], ["entity(ex:c, [prov:type = 'prov:EmptyCollection'])", 'specializationOf(ex:d, ex:c)', 'specializationOf(ex:f, ex:d)', 'hadMember(ex:f, ex:e)']],
  ])('%j', (constraints, lines) => {
    expect(brokenBy(...lines)).toEqual(constraints);
  }); // prettier-ignore

  // e2 was made of e1; each of these has e1 made not before e2.
  it.each<[Constraint[], string[]]>([
    [[43, 34], ['wasStartedBy(ex:b, ex:e2, -, -)', 'wasGeneratedBy(ex:e1, ex:b, -)']],
    [[43, 31, 34], ['wasStartedBy(ex:b, ex:t, ex:y, -)', 'wasStartedBy(ex:b, ex:e2, ex:x, -)', 'wasGeneratedBy(ex:e1, ex:b, -)']],
    [[43, 34, 39], ['wasGeneratedBy(ex:e1, ex:c, -)', 'wasGeneratedBy(ex:e1, ex:b, -)', 'wasStartedBy(ex:b, ex:e2, -, -)']],
    [[45], ['specializationOf(ex:e1, ex:e2)']],
    [[48], ['wasAttributedTo(ex:e1, ex:e2)']],
    [[43, 48], ['wasStartedBy(ex:ag, ex:e2, -, -)', 'wasAttributedTo(ex:e1, ex:ag)']],
    [[37, 41], ['used(ex:u; ex:a, ex:e2, -)', 'wasDerivedFrom(ex:e1, ex:e2, ex:a, ex:g, ex:u)']],
  ])('in a circle by %j', (constraints, lines) => {
    const found = violationsOf(
      document('entity(ex:e1)', 'entity(ex:e2)', 'wasDerivedFrom(ex:e2, ex:e1)', ...lines),
    );
    expect([...new Set(found.map(({ constraint }) => constraint))]).toEqual([42]);
    const [first] = found;
    // The last one has a shorter circle as well: e1 was made of e2.
    if (!constraints.includes(41)) expect(first?.because).toEqual(expect.arrayContaining(constraints));
  }); // prettier-ignore

  it('tells the statements at fault, the constraints around the circle, and the bundle', () => {
    const [found, ...others] = violationsOf(
      document(
        'entity(ex:innocent)',
        'bundle ex:b',
        'entity(ex:e1)',
        'entity(ex:e2)',
        'wasGeneratedBy(ex:e1, ex:a, -)',
        'used(ex:a, ex:e2, -)',
        'wasDerivedFrom(ex:e2, ex:e1)',
        'wasStartedBy(ex:a, ex:e2, -, -)',
        'endBundle',
      ),
    );
    expect(others).toEqual([]);
    expect(found).toMatchObject({ constraint: 42, bundle: 'http://example.org/b' });
    expect(found?.because[0]).toBe(42);
    expect(found?.because).toContain(34);
    const kinds = found?.statements.map(({ kind, id }) => `${kind} ${id ?? ''}`);
    expect(kinds).toContain('wasDerivedFrom ');
    expect(kinds).not.toContain('entity http://example.org/innocent');
  });

  it('tells which rules come together', () => {
    const because = (...lines: string[]): (readonly Constraint[])[] =>
      violationsOf(document(...lines)).map(({ because: rules }) => rules);
    expect(because(`wasGeneratedBy(ex:e, ex:a, ${T1})`, `wasGeneratedBy(ex:e, ex:a, ${T2})`)).toEqual([
      [23, 24],
    ]);
    expect(because(`used(ex:u; ex:a, ex:e, ${T1})`, `used(ex:u; ex:a, ex:e, ${T2})`)).toEqual([[23]]);
    expect(because('entity(ex:x)', 'used(ex:x, ex:e, -)')).toEqual([[55, 50]]);
    expect(because('entity(ex:x)', 'activity(ex:x)')).toEqual([[55]]);
  });

  it('is found in a document of many statements, and all of it', () => {
    const many = 20_000;
    const lines = Array.from({ length: many }, (_, n) => [
      `entity(ex:e${n})`,
      `wasDerivedFrom(ex:e${n}, ex:e${(n + many - 1) % many})`,
      `wasGeneratedBy(ex:e${n}, ex:a${n % 100}, -)`,
      `used(ex:a${n % 100}, ex:e0, -)`,
    ]).flat();
    const found = violationsOf(document(...lines));
    expect(found).toHaveLength(1);
    expect(found[0]?.because).toEqual(Array.from({ length: many }, () => 42));
    const broken = lines.filter((line) => !line.startsWith('wasDerivedFrom(ex:e0,'));
    expect(violationsOf(document(...broken))).toEqual([]);
  });
});
