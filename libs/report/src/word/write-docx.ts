// A Word document: the parts of an Open Packaging Conventions file (ECMA-376 part 2), and what refers to what.
import { zipOf } from '@weft/zip';
import { contentOf } from '../content.js';
import { markup, NOTHING, type Markup } from '../markup.js';
import type { Report } from '../report.js';
import { documentPart, type Links } from './document-part.js';
import { APPLICATION, FOOTER, SETTINGS, STYLES, XML } from './fixed-parts.js';

const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml';

/** The report as a Word document (.docx). The same report gives the same bytes: no clock but its own. */
export async function writeDocx(report: Report): Promise<Buffer> {
  const { source, links } = documentPart(contentOf(report), 'footer');
  return zipped({
    '[Content_Types].xml': contentTypes({
      '/word/document.xml': `${WORD}.document.main+xml`,
      '/word/styles.xml': `${WORD}.styles+xml`,
      '/word/settings.xml': `${WORD}.settings+xml`,
      '/word/footer.xml': `${WORD}.footer+xml`,
      '/docProps/core.xml': 'application/vnd.openxmlformats-package.core-properties+xml',
      '/docProps/app.xml': 'application/vnd.openxmlformats-officedocument.extended-properties+xml',
    }),
    '_rels/.rels': relationships([
      { id: 'document', type: `${OFFICE}/officeDocument`, target: 'word/document.xml' },
      { id: 'core', type: `${PACKAGE}/relationships/metadata/core-properties`, target: 'docProps/core.xml' },
      { id: 'app', type: `${OFFICE}/extended-properties`, target: 'docProps/app.xml' },
    ]),
    'docProps/core.xml': properties(report),
    'docProps/app.xml': APPLICATION,
    'word/document.xml': source,
    'word/_rels/document.xml.rels': relationships([
      { id: 'styles', type: `${OFFICE}/styles`, target: 'styles.xml' },
      { id: 'settings', type: `${OFFICE}/settings`, target: 'settings.xml' },
      { id: 'footer', type: `${OFFICE}/footer`, target: 'footer.xml' },
      ...linked(links),
    ]),
    'word/styles.xml': STYLES,
    'word/settings.xml': SETTINGS,
    'word/footer.xml': FOOTER,
  });
}

/** In this order: Office wants the content types first. */
async function zipped(parts: Readonly<Record<string, string>>): Promise<Buffer> {
  const entries = Object.entries(parts).map(([path, source]) => ({ path, content: Buffer.from(source) }));
  const written: Uint8Array[] = [];
  for await (const chunk of zipOf(entries)) written.push(chunk);
  return Buffer.concat(written);
}

interface Relationship {
  readonly id: string;
  readonly type: string;
  readonly target: string;
  readonly external?: boolean;
}

const linked = (links: Links): readonly Relationship[] =>
  [...links].map(([target, id]) => ({ id, type: `${OFFICE}/hyperlink`, target, external: true }));

const relationships = (list: readonly Relationship[]): string =>
  markup`${XML}<Relationships xmlns="${PACKAGE}/relationships">${list.map(
    ({ id, type, target, external = false }) =>
      markup`<Relationship Id="${id}" Type="${type}" Target="${target}"${external ? EXTERNAL : NOTHING}/>`,
  )}</Relationships>`.source;

const EXTERNAL = markup` TargetMode="External"`;

const contentTypes = (types: Readonly<Record<string, string>>): string =>
  markup`${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${Object.entries(
    types,
  ).map(([part, type]) => markup`<Override PartName="${part}" ContentType="${type}"/>`)}</Types>`.source;

const properties = ({ title, subject, generatedAt, generatedFor }: Report): string =>
  markup`${XML}<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>${title}</dc:title><dc:subject>${subject.pid}</dc:subject><dc:creator>Weft</dc:creator><dc:description>${`Made for ${generatedFor}`}</dc:description><dc:language>en</dc:language>${made(generatedAt)}</cp:coreProperties>`
    .source;

function made(time: string): Markup {
  const instant = Date.parse(time);
  if (Number.isNaN(instant)) return NOTHING;
  const written = `${new Date(instant).toISOString().slice(0, 19)}Z`;
  return markup`<dcterms:created xsi:type="dcterms:W3CDTF">${written}</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">${written}</dcterms:modified>`;
}
