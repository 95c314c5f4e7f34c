import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { aLargeReport, anInput, aReport, aRun, withTexts } from '../testing/a-report.js';
import { elementsOf, readXml, textOf, type Element } from '../testing/xml.js';
import type { Report } from '../report.js';
import { writeHtml } from './write-html.js';

const page = (facts: Partial<Report> = {}): Element => readXml(writeHtml(aReport(facts)));

const rowsOf = (html: Element, list: string): readonly Element[] => {
  const section = elementsOf(html, 'section').find(({ attributes }) => attributes['id'] === list);
  return section === undefined ? [] : elementsOf(section, 'tr').slice(1);
};
const linksOf = (html: Element): readonly (string | undefined)[] =>
  elementsOf(html, 'a')
    .map(({ attributes }) => attributes['href'])
    .filter((href) => href?.startsWith('#') === false);

describe('a report as a page', () => {
  test('tells who, what went in, what ran, what came out, with links to the identifiers', () => {
    const html = page();
    const cells = (list: string): readonly (readonly string[])[] =>
      rowsOf(html, list).map((row) =>
        row.children.flatMap((cell) => (typeof cell === 'string' ? [] : [textOf(cell)])),
      );
    expect(cells('team')).toEqual([
      ['Adaark:/99999/ada', 'Person', 'Modeller'],
      ['Instituteark:/99999/institute', 'Organisation', 'Association'],
    ]);
    expect(cells('inputs')[0]).toEqual([
      'Bathymetryark:/99999/bathymetry', 'Dataset', 'What Bathymetry is', '3', 'CC-BY-4.0', 'Run 1',
    ]); // prettier-ignore
    expect(cells('runs')).toEqual([
      [
        'Run 1ark:/99999/run1',
        'SUCCEEDED',
        'Start 2026-11-20 08:00:00 UTC+10:00End 2026-11-20 09:30:00 UTC+10:00',
        'Model Reef modelark:/99999/reefmodelTemplate Reef templateark:/99999/reeftemplate',
        'Modeller Adaark:/99999/adaOrganisation Instituteark:/99999/institute',
        'What Run 1 didseason: wet',
      ],
    ]);
    expect(cells('outputs')[0]).toContain('What Recovery is');
    expect(linksOf(html)).toContain('https://weft.test/ark:/99999/recovery');
  });

  test('says of what it is, for whom it was made, how far it reaches and what it leaves out', () => {
    const study = { name: 'Whole study', pid: 'ark:/99999/whole', url: null, description: 'All of it.' };
    const html = page({
      study,
      notes: ['3 things are not shown because the reader may not see them.'],
      truncated: { team: false, inputs: true, runs: false, outputs: false },
    });
    const header = textOf(elementsOf(html, 'header')[0] as Element);
    expect(header).toContain('Part of the studyWhole studyark:/99999/wholeAll of it.');
    expect(header).toContain('Reach2 steps upstream, 1 step downstream');
    expect(header).toContain('Generated2026-11-21 09:14:03 UTC+10:00');
    expect(header).toContain('Generated forAda');
    expect(header).toContain('3 things are not shown');
    expect(header).toContain('Inputs: only the first 2 are listed; there are more.');
    expect(elementsOf(html, 'caption').map(textOf)).toContain('The first 2 inputs; there are more');
  });

  test('is read out as what it is: language, one title, headed columns and rows, captions', () => {
    const html = page();
    expect(html).toMatchObject({ name: 'html', attributes: { lang: 'en' } });
    expect(elementsOf(html, 'h1').map(textOf)).toEqual(['Report of the reef study']);
    expect(elementsOf(html, 'title').map(textOf)).toEqual(['Report of the reef study']);
    const tables = elementsOf(html, 'table');
    expect(tables).toHaveLength(4);
    for (const table of tables) {
      expect(elementsOf(table, 'caption')).toHaveLength(1);
      const [head, ...rows] = elementsOf(table, 'tr') as readonly [Element, ...Element[]];
      const scopes = (row: Element): readonly (string | undefined)[] =>
        elementsOf(row, 'th').map(({ attributes }) => attributes['scope']);
      expect(new Set(scopes(head))).toEqual(new Set(['col']));
      for (const row of rows) {
        expect(scopes(row)).toEqual(['row']);
        expect(elementsOf(row, 'td').length + 1).toBe(scopes(head).length);
      }
    }
    const ids = elementsOf(html).flatMap(({ attributes }) => attributes['id'] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { attributes } of elementsOf(html, 'section').filter((one) => 'tabindex' in one.attributes))
      expect(ids).toContain(attributes['aria-labelledby']);
    expect(elementsOf(html, 'time')[0]?.attributes['datetime']).toBe('2026-11-21T09:14:03+10:00');
  });

  test('needs and runs nothing else, and its policy allows its own style alone', () => {
    const html = page();
    for (const name of ['script', 'link', 'img', 'iframe', 'object', 'form', 'base'])
      expect(elementsOf(html, name)).toEqual([]);
    const [style] = elementsOf(html, 'style').map(textOf);
    expect(style).not.toMatch(/url\(|@import/);
    const hash = createHash('sha256')
      .update(style ?? '')
      .digest('base64');
    const policies = elementsOf(html, 'meta').filter((meta) => 'http-equiv' in meta.attributes);
    expect(policies.map(({ attributes }) => attributes['content'])).toEqual([
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    ]);
    for (const { attributes } of elementsOf(html))
      expect(Object.keys(attributes).filter((name) => name === 'style' || name.startsWith('on'))).toEqual([]);
  });

  test.each([
    'javascript:alert(1)',
    ' java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'file:///etc/passwd',
    'https://weft.test@evil.test/',
    '//evil.test/',
    '/items/1',
    'not an address',
    `https://weft.test/${'x'.repeat(2000)}`,
  ])('shows an identifier without a link where its address is %j', (url) => {
    const html = page({ inputs: [anInput('Tides', { url })] });
    expect(textOf(html)).toContain('ark:/99999/tides');
    expect(rowsOf(html, 'inputs').flatMap(linksOf)).toEqual([]);
  });

  test('writes an address so that it stays one attribute', () => {
    const html = page({ inputs: [anInput('Tides', { url: `https://weft.test/?a="><script>&b='` })] });
    expect(rowsOf(html, 'inputs').flatMap(linksOf)).toEqual([
      'https://weft.test/?a=%22%3E%3Cscript%3E&b=%27',
    ]);
  });

  test.each([
    ['markup', `<script>alert("x")</script> & 'y' --> ]]> <!-- \${z}`],
    ['right to left', 'שלום עולם 2026 مرحبا'],
    ['emoji', '👩🏽‍🔬 reef 🐠'],
  ])('text of any kind survives wherever it stands: %s', (_kind, words) => {
    const texts: string[] = [];
    const report = withTexts(aReport(), (text) => {
      texts.push(`${text} ${words}`);
      return `${text} ${words}`;
    });
    const html = readXml(writeHtml(report));
    expect(elementsOf(html, 'script')).toEqual([]);
    expect(texts.length).toBeGreaterThan(30);
    for (const text of texts) expect(textOf(html)).toContain(text);
  });
});

test('characters that no format can carry are marked, line ends kept', () => {
  const html = page({ runs: [aRun('Run 1', { description: 'a\u0000b\u001bc\ud800d\uffffe\r\nf\u009fg' })] });
  expect(textOf(html)).toContain('a\ufffdb\ufffdc\ufffdd\ufffde\nf\ufffdg');
});

test('times that are none stand as they are, missing ones are left out, and empty lists say so', () => {
  const html = page({
    runs: [aRun('Run 1', { start: 'last Tuesday', end: null, model: null, template: null })],
    outputs: [],
  });
  const text = textOf(html);
  expect(text).toContain('Start last Tuesday');
  expect(text).not.toContain('End ');
  expect(text).toContain('Outputs\nNone.');
});

test('thousands of rows: all are there, and the page grows with them and no faster', () => {
  const [small, large] = [writeHtml(aLargeReport(200)), writeHtml(aLargeReport(2000))];
  expect(large.length).toBeLessThan(11 * small.length);
  const html = readXml(large);
  for (const list of ['team', 'inputs', 'runs', 'outputs']) expect(rowsOf(html, list)).toHaveLength(500);
  expect(textOf(rowsOf(html, 'inputs')[0] as Element)).toContain('19 of manyand 480 more');
});

test('the same report is the same page', () => {
  expect(writeHtml(aReport())).toBe(writeHtml(aReport()));
});
