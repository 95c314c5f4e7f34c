import { expect, it } from 'vitest';
import type { Queryable } from '@weft/database';
import { createCachedReferences } from './cached-references.js';

const ID = '7b1c9a52-0000-4000-8000-000000000001';

function database(rows: () => object[]) {
  const asked: string[] = [];
  const query = async <Row>(statement: string | { name: string }): Promise<Row[]> => {
    asked.push(typeof statement === 'string' ? statement : statement.name);
    await Promise.resolve();
    return rows() as Row[];
  };
  return { asked, references: createCachedReferences({ query } as Queryable) };
}

it('reads once for all who ask at the same time', async () => {
  const { asked, references } = database(() => [{ id: ID, name: 'a target' }]);
  const found = await Promise.all([1, 2, 3].map(() => references.target(ID)));
  expect(found.map((one) => one?.name)).toEqual(['a target', 'a target', 'a target']);
  expect(asked).toHaveLength(1);
});

it('remembers neither what is not known nor a failure', async () => {
  let rows: () => object[] = () => [];
  const { asked, references } = database(() => rows());
  expect(await references.target(ID)).toBeUndefined();
  rows = () => {
    throw new Error('away');
  };
  await expect(references.target(ID)).rejects.toThrow('away');
  rows = () => [{ id: ID, name: 'a target' }];
  expect(await references.target(ID)).toMatchObject({ name: 'a target' });
  expect(asked).toHaveLength(3);
});

it('gives nobody what was read before something newer was learned', async () => {
  let name = 'old';
  const { references } = database(() => [{ id: ID, name }]);
  const before = references.target(ID);
  references.clear();
  name = 'new';
  await before;
  expect(await references.target(ID)).toMatchObject({ name: 'new' });
});
