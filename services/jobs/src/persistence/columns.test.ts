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
      expect(JSON.parse(recordset(rows) ?? '')).toEqual(JSON.parse(JSON.stringify(present)));
    }),
    { numRuns: 500 },
  );
  expect(recordset([])).toBeUndefined();
  expect(recordset([{ a: 1, b: 2 }], ['b'])).toBe('[{"b":2}]');
});
