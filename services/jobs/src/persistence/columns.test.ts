import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recordset } from './columns.js';

it('rows become the JSON of a recordset, without what is null', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme-ascii', maxLength: 80 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.date({ noInvalidDate: true }),
    fc.constantFrom(null, undefined),
    fc.array(fc.oneof(fc.integer(), fc.string())),
    fc.record({ code: fc.string(), at: fc.constant(null) }),
  );
  const row = fc.dictionary(fc.stringMatching(/^[a-z][A-Za-z]{0,9}$/), value);
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
      const present = rows.map((one) =>
        Object.fromEntries(Object.entries(one).filter(([, of]) => of !== null && of !== undefined)),
      );
      const { rows: own, shared } = recordset(rows) ?? { rows: '', shared: '' };
      const common = JSON.parse(shared) as object;
      const read = (JSON.parse(own) as object[]).map((one) => ({ ...one, ...common }));
      expect(read).toEqual(JSON.parse(JSON.stringify(present)));
    }),
    { numRuns: 500 },
  );
  expect(recordset([])).toBeUndefined();
  expect(recordset([{ a: 1, b: 2 }], ['b'])).toEqual({ rows: '[{"b":2}]', shared: '{}' });
});

it('what all rows say alike is written once, but for what they are found by', () => {
  const at = (iso: string) => new Date(iso);
  const row = (name: string) => ({
    jobId: 'j',
    name,
    at: at('2026-01-01T00:00:00Z'),
    none: null,
    tags: [],
    big: { a: 1 },
  });
  expect(recordset([row('a'), row('b')])).toEqual({
    rows: '[{"jobId":"j","name":"a","big":{"a":1}},{"jobId":"j","name":"b","big":{"a":1}}]',
    shared: '{"at":"2026-01-01T00:00:00.000Z","tags":[]}',
  });
  expect(recordset([{ a: 1 }, { a: null }, { a: 1, b: 2 }])?.rows).toBe('[{"a":1},{},{"a":1,"b":2}]');
});
