import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRightToLeft, piecesOf, writable } from './characters.js';
import { writeHtml } from './html/write-html.js';
import { aReport, withTexts } from './testing/a-report.js';
import { unzip } from './testing/unzip.js';
import { elementsOf, readXml, textOf } from './testing/xml.js';
import { shownTime } from './times.js';
import { writeDocx } from './word/write-docx.js';

/** Every code unit alike: halves of emoji, control characters, all scripts, and what markup is made of. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        "'",
        ']]>',
        '--',
        '</w:t>',
        '</title>',
        '&amp;',
        '\n',
        '\r',
        'שלום',
        ' 7 ',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

test('whatever text a report holds, both formats are well-formed and say it', async () => {
  const written = fc.asyncProperty(anyText, async (text) => {
    const report = withTexts(aReport(), (before) => `${before}${text}`);
    const shown = writable(report.title);
    const page = readXml(writeHtml(report));
    expect(elementsOf(page, 'h1').map(textOf)).toEqual([shown]);
    const parts = [...unzip(await writeDocx(report))].map(
      ([path, source]) => [path, readXml(source)] as const,
    );
    const properties = parts.find(([path]) => path === 'docProps/core.xml')?.[1];
    expect(properties && elementsOf(properties, 'dc:title').map(textOf)).toEqual([shown]);
    const title = parts.find(([path]) => path === 'word/document.xml')?.[1];
    const [first] = title === undefined ? [] : elementsOf(title, 'w:p');
    expect(first && textOf(first)).toBe(shown.replaceAll(/[\n\t]/g, ''));
  });
  await fc.assert(written, { numRuns: 60 });
});

test('the pieces of a text are the text, and no piece of one direction has letters of the other', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const pieces = piecesOf(text);
      expect(pieces.map((piece) => piece.text).join('')).toBe(text);
      for (const piece of pieces) {
        const letters = piece.text.match(/\p{L}/gu) ?? [];
        expect(letters.filter((letter) => isRightToLeft(letter) !== piece.rightToLeft)).toEqual([]);
      }
    }),
  );
});

test.each([
  ['2026-11-21T09:14:03Z', '2026-11-21 09:14:03 UTC', '2026-11-21T09:14:03Z'],
  ['2026-11-21T09:14:03+00:00', '2026-11-21 09:14:03 UTC', '2026-11-21T09:14:03+00:00'],
  ['2026-11-21T09:14:03.123456-05:30', '2026-11-21 09:14:03 UTC-05:30', '2026-11-21T09:14:03.123-05:30'],
  ['2026-11-21T09:14:03', '2026-11-21T09:14:03', undefined],
  ['2026-13-41T09:14:03Z', '2026-13-41T09:14:03Z', undefined],
])('the time %s is shown as %s', (time, text, iso) => {
  expect(shownTime(time)).toEqual({ text, iso });
});
