import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Report } from '../report.js';
import { aLargeReport, anInput, aReport, aRun, withTexts } from '../testing/a-report.js';
import { unzip } from '../testing/unzip.js';
import { elementsOf, readXml, textOf, type Element } from '../testing/xml.js';
import { writeDocx } from './write-docx.js';

interface Package {
  readonly parts: ReadonlyMap<string, Element>;
  readonly document: Element;
}

async function opened(report: Report): Promise<Package> {
  const parts = new Map([...unzip(await writeDocx(report))].map(([path, source]) => [path, readXml(source)]));
  return { parts, document: parts.get('word/document.xml') as Element };
}

const attributesOf = (element: Element | undefined, name: string): readonly Element['attributes'][] =>
  element === undefined ? [] : elementsOf(element, name).map(({ attributes }) => attributes);
const rowsOf = (table: Element | undefined): readonly Element[] =>
  table === undefined ? [] : elementsOf(table, 'w:tr');
const paragraphsOf = (element: Element): readonly string[] => elementsOf(element, 'w:p').map(textOf);
const hrefsOf = ({ parts }: Package): readonly (string | undefined)[] =>
  attributesOf(parts.get('word/_rels/document.xml.rels'), 'Relationship')
    .filter(({ TargetMode }) => TargetMode === 'External')
    .map(({ Target }) => Target);

describe('a report as a Word document', () => {
  test('has the same headings, tables and texts as the page', async () => {
    const { document } = await opened(aReport());
    const headed = elementsOf(document, 'w:p').filter(
      (one) => attributesOf(one, 'w:pStyle')[0]?.['w:val'] === 'Heading1',
    );
    expect(headed.map(textOf)).toEqual(['Modelling team', 'Inputs', 'Model runs', 'Outputs']);
    const [team, inputs, runs, outputs] = elementsOf(document, 'w:tbl').map((table) =>
      rowsOf(table).map(paragraphsOf),
    );
    expect(team).toHaveLength(3);
    expect(inputs?.[0]).toEqual(['Name', 'Kind', 'Description', 'Version', 'Licence', 'Used by']);
    expect(inputs?.[1]).toEqual([
      'Bathymetry', 'ark:/99999/bathymetry', 'Dataset', 'What Bathymetry is', '3', 'CC-BY-4.0', 'Run 1',
    ]); // prettier-ignore
    expect(runs?.[1]).toContain('Start: 2026-11-20 08:00:00 UTC+10:00');
    expect(outputs).toHaveLength(2);
  });

  test('all its parts have a type, and every reference leads to something', async () => {
    const { parts, document } = await opened(aReport({ notes: ['Some.'] }));
    const types = attributesOf(parts.get('[Content_Types].xml'), 'Override').map(({ PartName }) =>
      PartName?.slice(1),
    );
    const withoutRels = [...parts.keys()].filter((path) => !path.endsWith('.rels') && !path.startsWith('['));
    expect(new Set(types)).toEqual(new Set(withoutRels));

    const ids: (string | undefined)[] = [];
    for (const [path, folder] of [
      ['_rels/.rels', ''],
      ['word/_rels/document.xml.rels', 'word/'],
    ] as const)
      for (const { Id, Target, TargetMode } of attributesOf(parts.get(path), 'Relationship')) {
        ids.push(Id);
        if (TargetMode !== 'External') expect(parts.has(`${folder}${Target}`)).toBe(true);
      }
    expect(new Set(ids).size).toBe(ids.length);
    const references = [
      ...attributesOf(document, 'w:hyperlink'),
      ...attributesOf(document, 'w:footerReference'),
    ];
    expect(references.length).toBeGreaterThan(9);
    for (const reference of references) expect(ids).toContain(reference['r:id']);

    const styles = attributesOf(parts.get('word/styles.xml'), 'w:style').map((style) => style['w:styleId']);
    const named = ['w:pStyle', 'w:rStyle', 'w:tblStyle'].flatMap((name) => attributesOf(document, name));
    for (const style of named) expect(styles).toContain(style['w:val']);
  });

  test('its tables fit the page across, and repeat their heads', async () => {
    const { document } = await opened(aReport());
    const [size, margins] = [attributesOf(document, 'w:pgSz')[0], attributesOf(document, 'w:pgMar')[0]];
    expect(size?.['w:orient']).toBe('landscape');
    const width = Number(size?.['w:w']) - Number(margins?.['w:left']) - Number(margins?.['w:right']);
    for (const table of elementsOf(document, 'w:tbl')) {
      const columns = attributesOf(table, 'w:gridCol').map((column) => Number(column['w:w']));
      const taken = columns.reduce((sum, one) => sum + one, 0);
      expect(taken).toBeLessThanOrEqual(width);
      expect(taken).toBeGreaterThan(0.99 * width);
      const [head, ...rows] = rowsOf(table) as readonly [Element, ...Element[]];
      expect(elementsOf(head, 'w:tblHeader')).toHaveLength(1);
      for (const row of rows) expect(elementsOf(row, 'w:tblHeader')).toEqual([]);
      for (const row of [head, ...rows]) {
        const cells = elementsOf(row, 'w:tc');
        expect(cells.map((cell) => Number(attributesOf(cell, 'w:tcW')[0]?.['w:w']))).toEqual(columns);
        for (const cell of cells) expect(elementsOf(cell, 'w:p').length).toBeGreaterThan(0);
      }
    }
  });

  test('says in its properties what it is and when it was made', async () => {
    const { parts } = await opened(aReport());
    const said = Object.fromEntries(
      elementsOf(parts.get('docProps/core.xml') as Element).map((one) => [one.name, textOf(one)]),
    );
    expect(said).toMatchObject({
      'dc:title': 'Report of the reef study',
      'dc:creator': 'Weft',
      'dc:description': 'Made for Ada',
      'dcterms:created': '2026-11-20T23:14:03Z',
    });
  });

  test('links to web addresses alone, each named once', async () => {
    const urls = [
      'javascript:alert(1)',
      'file:///etc/passwd',
      'https://weft.test/a b&"c"',
      'https://weft.test/a b&"c"',
    ];
    const inputs = urls.map((url, at) => anInput(`Input ${at}`, { url }));
    const bare = await opened(aReport({ inputs: [] }));
    const linked = await opened(aReport({ inputs }));
    expect(hrefsOf(linked).filter((href) => !hrefsOf(bare).includes(href))).toEqual([
      'https://weft.test/a%20b&%22c%22',
    ]);
    for (const href of hrefsOf(linked)) expect(href).toMatch(/^https:\/\//);
  });

  test.each([
    ['markup', `<w:p/></w:t> & "x" 'y' ]]> <!--`],
    ['emoji', '👩🏽‍🔬 reef 🐠'],
    ['right to left', 'שלום עולם 2026 مرحبا'],
  ])('text of any kind survives: %s', async (_kind, words) => {
    const { document, parts } = await opened(withTexts(aReport(), (text) => `${text} ${words}`));
    const [table] = elementsOf(document, 'w:tbl');
    expect(rowsOf(table).slice(1).map(paragraphsOf)[0]).toEqual([
      `Ada ${words}`, `ark:/99999/ada ${words}`, 'Person', `Modeller ${words}`,
    ]); // prettier-ignore
    expect(elementsOf(parts.get('docProps/core.xml') as Element, 'dc:title').map(textOf)).toEqual([
      `Report of the reef study ${words}`,
    ]);
  });

  test('right-to-left words are marked, and a paragraph that begins so is turned', async () => {
    const description = '';
    const { document } = await opened(
      aReport({ runs: [aRun('מחקר 7 שונית (v2)', { description }), aRun('Reef מחקר', { description })] }),
    );
    const turned = (name: string): boolean =>
      elementsOf(document, 'w:p').some(
        (one) => textOf(one) === name && attributesOf(one, 'w:bidi').length === 1,
      );
    expect([turned('מחקר 7 שונית (v2)'), turned('Reef מחקר')]).toEqual([true, false]);
    const marked = elementsOf(document, 'w:r').filter((run) => elementsOf(run, 'w:rtl').length === 1);
    expect(marked.map(textOf)).toEqual(['מחקר 7 שונית', 'מחקר']);
  });

  test('characters that XML cannot hold are marked, lines and tabs are kept as Word has them', async () => {
    const description = 'a\u0000b\u000bc\ud83dd\ufffee\r\nf\tg';
    const { document } = await opened(aReport({ runs: [aRun('Run 1', { description })] }));
    const cell = elementsOf(document, 'w:p').find((one) => textOf(one).startsWith('a\ufffd'));
    const words = elementsOf(cell as Element).flatMap(({ name, children }) => {
      if (name === 'w:br' || name === 'w:tab') return [name];
      return name === 'w:t' ? children : [];
    });
    expect(words).toEqual(['a\ufffdb\ufffdc\ufffdd\ufffde', 'w:br', 'f', 'w:tab', 'g']);
  });
});

test('thousands of rows: all are there, and the document grows with them and no faster', async () => {
  const sizeOf = ({ parts }: Package): number => JSON.stringify(parts.get('word/document.xml')).length;
  const [small, large] = [await opened(aLargeReport(200)), await opened(aLargeReport(2000))];
  expect(sizeOf(large)).toBeLessThan(11 * sizeOf(small));
  expect(elementsOf(large.document, 'w:tbl').map((table) => rowsOf(table).length)).toEqual([
    501, 501, 501, 501,
  ]);
});

test('the same report is the same bytes, at whatever time it is written', async () => {
  const [one, other] = [await writeDocx(aReport()), await writeDocx(aReport())];
  expect(one.equals(other)).toBe(true);
  const later = await writeDocx(aReport({ generatedAt: '2026-11-22T09:14:03+10:00' }));
  expect(one.equals(later)).toBe(false);
});

// Readers that are not ours: Python's zipfile and expat, where the machine has a Python.
const READ = `
import io, sys, zipfile
from xml.dom.minidom import parseString
archive = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert archive.testzip() is None
rows = [len(parseString(archive.read(name)).getElementsByTagName('w:tr')) for name in archive.namelist()]
print(len(rows), max(rows))
`;
const hasPython = spawnSync('python3', ['--version']).status === 0;

test.runIf(hasPython)('the archive and its XML are read by others too', async () => {
  const report = withTexts(aReport(), (text) => `${text} <&"'>\u0000\ud800 שלום 🐠`);
  const { stdout, stderr } = spawnSync('python3', ['-c', READ], {
    input: await writeDocx(report),
    encoding: 'utf8',
  });
  expect({ stdout, stderr }).toEqual({ stdout: '9 10\n', stderr: '' });
});
