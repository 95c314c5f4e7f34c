import { describe, expect, test } from 'vitest';
import { dataReadersOf, defaultGrants, type Grant } from './access.js';
import { manifestOf, mayApprove } from './data-pool.js';
import { fileNameProblems, licenceProblems } from './data-pool-rules.js';
import { EVERYONE, maintainersOf, memberOf, ownersOf } from './principal.js';

const [ORG, ADA, BOB] = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`) as [
  string,
  string,
  string,
];

describe('the manifest', () => {
  const file = (name: string) => ({ name, sha256: 'f'.repeat(64), size: 1 });

  test('does not depend on the order of the files, and is in the order of the bytes of their names', () => {
    const names = ['b', 'a/z', 'ä', 'Z', 'a', '\u{1f4a9}', '\uffee'];
    const manifest = manifestOf(names.map(file));
    expect(manifestOf(names.toReversed().map(file))).toBe(manifest);
    expect(
      manifest
        .split('\n')
        .slice(0, -1)
        .map((line) => line.slice(67)),
    ).toEqual(['Z', 'a', 'a/z', 'b', 'ä', '\uffee', '\u{1f4a9}']);
  });
});

describe('readers of the data', () => {
  const readersOf = (...grants: Grant[]) => dataReadersOf({ organizationId: ORG, ownerId: ADA, grants });
  const admins = [ownersOf(ORG), memberOf(ORG, ADA)];

  test('are those with a role that has DATA_READ in it, and who administers the pool', () => {
    expect(readersOf(...defaultGrants(ORG)).toSorted()).toEqual(
      [ORG, maintainersOf(ORG), ...admins].toSorted(),
    );
    expect(readersOf({ kind: 'USER', principalId: BOB, roles: ['METADATA_WRITE'] })).toEqual(admins);
    for (const role of ['DATA_READ', 'DATA_WRITE', 'ADMIN'] as const)
      expect(readersOf({ kind: 'USER', principalId: BOB, roles: [role] })).toEqual([BOB, ...admins]);
    expect(readersOf({ kind: 'EVERYONE', principalId: null, roles: ['DATA_READ'] })).toEqual([EVERYONE]);
  });
});

test('nobody approves his own but in his personal organization', () => {
  const pool = { releaseRequestedBy: ADA, organizationId: ORG };
  expect([mayApprove(pool, BOB, undefined), mayApprove(pool, ADA, BOB), mayApprove(pool, ADA, ORG)]).toEqual([
    true,
    false,
    true,
  ]);
});

test.each([
  'MIT',
  'CC-BY-4.0',
  'GPL-2.0-or-later WITH Classpath-exception-2.0',
  '(MIT OR Apache-2.0)',
  'https://x.org/l',
])('a licence: %s', (licence) => expect(licenceProblems(licence)).toEqual([]));
test.each(['', 'javascript:alert(1)', 'ftp://x.org', 'https://', 'a\nb', 'x'.repeat(301)])(
  'no licence: %j',
  (licence) => expect(licenceProblems(licence)).toHaveLength(1),
);
test.each(['a', 'a/b.c', '.hidden', 'a..b', 'größe 1.qubo'])('a name: %s', (name) =>
  expect(fileNameProblems(name)).toEqual([]),
);
