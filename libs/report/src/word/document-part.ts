// The text of the document in WordprocessingML (ECMA-376 part 1, §17). The order of elements is part of the schema.
import { isRightToLeft, piecesOf } from '../characters.js';
import type { Cell, Column, Content, Line, Section } from '../content.js';
import { Markup, markup, NOTHING } from '../markup.js';
import { XML } from './fixed-parts.js';

const W = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const R = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A4 across, in twentieths of a point. */
const PAGE = { width: 16_838, height: 11_906, margin: 1_000 } as const;
const TEXT_WIDTH = PAGE.width - 2 * PAGE.margin;

/** Addresses and the ids by which the text names them; each is written once. */
export type Links = ReadonlyMap<string, string>;

export interface DocumentPart {
  readonly source: string;
  readonly links: Links;
}

export function documentPart(content: Content, footerId: string): DocumentPart {
  const links = new Map<string, string>();
  const idOf = (href: string): string => {
    const id = links.get(href) ?? `link${links.size + 1}`;
    links.set(href, id);
    return id;
  };
  const { title, facts, notes, sections } = content;
  const body = [
    paragraph('Title', [{ text: title }], idOf),
    ...facts.flatMap(({ label, lines: [first, ...more] }) => [
      paragraph('Fact', first === undefined ? [{ text: '', label }] : [{ ...first, label }], idOf),
      ...more.map((line) => paragraph('Fact', [line], idOf)),
    ]),
    ...(notes.length === 0 ? [] : [paragraph('Heading1', [{ text: 'Notes' }], idOf)]),
    ...notes.map((text) => paragraph('Normal', [{ text }], idOf)),
    ...sections.flatMap((section) => sectionOf(section, idOf)),
  ];
  const source = markup`${XML}<w:document xmlns:w="${W}" xmlns:r="${R}"><w:body>${body}<w:sectPr><w:footerReference w:type="default" r:id="${footerId}"/><w:pgSz w:w="${PAGE.width}" w:h="${PAGE.height}" w:orient="landscape"/><w:pgMar w:top="${PAGE.margin}" w:right="${PAGE.margin}" w:bottom="${PAGE.margin}" w:left="${PAGE.margin}" w:header="500" w:footer="500" w:gutter="0"/></w:sectPr></w:body></w:document>`;
  return { source: source.source, links };
}

type IdOf = (href: string) => string;

const sectionOf = (section: Section, idOf: IdOf): readonly Markup[] => [
  paragraph('Heading1', [{ text: section.heading }], idOf),
  ...(section.rows.length === 0
    ? [paragraph('Normal', [{ text: 'None.' }], idOf)]
    : [
        paragraph('Caption', [{ text: section.caption }], idOf),
        table(section, idOf),
        paragraph('Normal', [], idOf),
      ]),
];

function table({ heading, caption, columns, rows }: Section, idOf: IdOf): Markup {
  const widths = columns.map(widthOf);
  const row = (cells: readonly Markup[], properties: Markup): Markup =>
    markup`<w:tr>${properties}${cells.map((cell, at) => markup`<w:tc><w:tcPr><w:tcW w:w="${widths[at] ?? 0}" w:type="dxa"/></w:tcPr>${cell}</w:tc>`)}</w:tr>`;
  const heads = columns.map((column) => paragraph('Cell', [{ text: column.heading }], idOf));
  return markup`<w:tbl><w:tblPr><w:tblStyle w:val="ReportTable"/><w:tblW w:w="${TEXT_WIDTH}" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblLook w:val="0620" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val="${heading}"/><w:tblDescription w:val="${caption}"/></w:tblPr><w:tblGrid>${widths.map((width) => markup`<w:gridCol w:w="${width}"/>`)}</w:tblGrid>${row(heads, REPEATED)}${rows.map(
    (cells) =>
      row(
        cells.map((cell) => cellOf(cell, idOf)),
        NOTHING,
      ),
  )}</w:tbl>`;
}

/** On every page that the table reaches. */
const REPEATED = markup`<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>`;

const widthOf = ({ share }: Column): number => Math.floor((TEXT_WIDTH * share) / 100);

/** A cell has at least one paragraph, or Word takes the file for damaged. */
const cellOf = (lines: Cell, idOf: IdOf): Markup =>
  lines.length === 0
    ? paragraph('Cell', [], idOf)
    : new Markup(lines.map((line) => paragraph('Cell', [line], idOf).source).join(''));

function paragraph(style: string, lines: Cell, idOf: IdOf): Markup {
  const [first] = lines;
  const turned = first !== undefined && first.label === undefined && isRightToLeft(first.text);
  return markup`<w:p><w:pPr><w:pStyle w:val="${style}"/>${turned ? markup`<w:bidi/>` : NOTHING}</w:pPr>${lines.map((line) => lineOf(line, idOf))}</w:p>`;
}

function lineOf({ text, label, href, strong }: Line, idOf: IdOf): Markup {
  const style = href === undefined ? (strong === true ? 'Strong' : undefined) : 'Hyperlink';
  const shown = runs(text, style);
  const before = label === undefined ? [] : runs(`${label}: `, 'Label');
  if (href === undefined) return markup`${before}${shown}`;
  return markup`${before}<w:hyperlink r:id="${idOf(href)}" w:history="1">${shown}</w:hyperlink>`;
}

function runs(text: string, style: string | undefined): readonly Markup[] {
  return piecesOf(text).map((piece) => {
    const styled = style === undefined ? NOTHING : markup`<w:rStyle w:val="${style}"/>`;
    const turned = piece.rightToLeft ? markup`<w:rtl/>` : NOTHING;
    return markup`<w:r><w:rPr>${styled}${turned}</w:rPr>${wordsOf(piece.text)}</w:r>`;
  });
}

/** Word shows no line ends and tabs within a text: they are elements. */
const wordsOf = (text: string): readonly Markup[] =>
  text
    .split(/(\r\n?|\n|\t)/)
    .filter((words) => words !== '')
    .map((words) => {
      if (words === '\t') return markup`<w:tab/>`;
      return /^[\r\n]/.test(words) ? markup`<w:br/>` : markup`<w:t xml:space="preserve">${words}</w:t>`;
    });
