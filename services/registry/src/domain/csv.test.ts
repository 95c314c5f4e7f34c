import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCsv, writeCsv } from './csv.js';

test('what is written is read again as it was', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.stringMatching(/^'{0,2}[=+\-@\t\r"',;\n]{0,3}[a-z1,"\n]{0,4}$/),
  );
  const rows = fc
    .integer({ min: 1, max: 5 })
    .chain((width) =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
    );
  fc.assert(
    fc.property(rows, (table) => {
      // A row without a word is blank, however many cells it has.
      const expected = table.map((row) => (row.every((one) => one.trim() === '') ? [] : row));
      fc.pre((expected[0]?.length ?? 0) > 0);
      expect(readCsv(writeCsv(table))).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test('a spreadsheet computes nothing of what is written', () => {
  for (const cell of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', "'=1", '＝1'])
    expect(writeCsv([['a', cell]])).toMatch(/^a,"?'/);
  expect(writeCsv([["it's fine", 'a=b']])).toBe("it's fine,a=b\r\n");
});

test.each([
  ['a mark at the beginning', '\uFEFFa,b\n1,2\n'],
  ['line ends of all sorts', 'a,b\r\n1,2\r'],
  ['quotes', '"a","b"\n"1",2'],
])('takes %s', (_, text) => {
  expect(readCsv(text)).toEqual([
    ['a', 'b'],
    ['1', '2'],
  ]);
});

test('line ends, commas and quotes within quotes are the cell’s', () => {
  expect(readCsv('a,b\n"one\r\ntwo","say ""hi"", you"\n\n,\n3,4')).toEqual([
    ['a', 'b'],
    ['one\r\ntwo', 'say "hi", you'],
    [],
    [],
    ['3', '4'],
  ]);
});

test.each([
  ['a quote that does not end', 'a,b\n1,"2\n3,4', /row 2.*column 2/],
  ['a quote in the middle', 'a,b\n1,2"3"\n', /row 2.*column 2/],
  ['a row that is too long', 'a,b\n1,2\n1,2,3\n', /Row 3 has 3 columns, the header 2/],
  ['a row that is too short', 'a,b\n1\n', /Row 2 has 1 columns/],
])('refuses %s and says where', (_, text, message) => {
  expect(() => readCsv(text)).toThrow(message);
});
