import { describe, expect, it } from 'vitest';
import { ensureFirstUser } from './application/ensure-first-user.js';
import type { Transact } from './application/ports.js';
import { newId } from '@weft/database';
import { stores } from './persistence/stores.js';
import { aName, newSecret } from './testing/test-marketplace.js';
import { testTables } from './testing/test-tables.js';
import { tokenSecrets } from './token-secrets.js';

const database = await testTables();
const transact: Transact = (work) =>
  database.transaction((tx) =>
    work({ ...stores(tx), announce: () => Promise.reject(new Error('nothing to tell')) }),
  );

describe('ensuring the first user', () => {
  it('makes one, however many replicas do it at the same moment, and none of them fails', async () => {
    const ensure = ensureFirstUser(transact, newId, tokenSecrets);
    for (let round = 0; round < 5; round++) {
      const first = { name: aName('first'), secret: newSecret() };
      const states = await Promise.all(Array.from({ length: 8 }, () => ensure(first)));
      expect(states.filter((state) => state === 'created')).toHaveLength(1);
      expect(states.filter((state) => state === 'present')).toHaveLength(7);
    }
  });

  it('gives an existing user the role and the token of the settings', async () => {
    const ensure = ensureFirstUser(transact, newId, tokenSecrets);
    const name = aName('user');
    await transact((tx) => tx.users.insert({ id: newId(), name, roles: [] }));
    expect(await ensure({ name: name.toUpperCase(), secret: newSecret() })).toBe('created');
    expect(await database.query('select roles from "user" where name = $1', [name])).toEqual([
      { roles: ['operator'] },
    ]);
  });
});
