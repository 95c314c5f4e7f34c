// One file that needs nothing else: no scripts, no addresses but links, its style inside. Its policy forbids the browser the rest.
import { createHash } from 'node:crypto';
import { contentOf, type Cell, type Content, type Line, type Section } from '../content.js';
import { Markup, markup, NOTHING } from '../markup.js';
import type { Report } from '../report.js';
import { styleFor } from './style.js';

/** The report as one HTML page: to be read in a browser, by a screen reader, or printed. */
export function writeHtml(report: Report): string {
  const content = contentOf(report);
  const style = styleFor(content.sections.flatMap(({ columns }) => columns.map(({ share }) => share)));
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${policy}"/>
<meta name="referrer" content="no-referrer"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="generator" content="Weft"/>
<title>${content.title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
${head(content)}
<main>
${content.sections.map(section)}</main>
</body>
</html>
`.source;
}

const head = ({ title, facts, notes, sections }: Content): Markup => markup`<header>
<h1 dir="auto">${title}</h1>
<dl>
${facts.map(({ label, lines }) => markup`<div><dt>${label}</dt><dd>${lines.map(line)}</dd></div>\n`)}</dl>
${notes.length === 0 ? NOTHING : markup`<section class="notes"><h2>Notes</h2><ul>${notes.map((note) => markup`<li dir="auto">${note}</li>`)}</ul></section>\n`}<nav aria-label="Sections"><ul>${sections.map(({ list, heading, rows }) => markup`<li><a href="#${list}">${heading}</a> (${rows.length})</li>`)}</ul></nav>
</header>`;

const section = ({ list, heading, caption, columns, rows }: Section): Markup => markup`<section id="${list}">
<h2>${heading}</h2>
${rows.length === 0 ? markup`<p>None.</p>` : table(`${list}-caption`, { caption, columns, rows })}
</section>
`;

type Table = Pick<Section, 'caption' | 'columns' | 'rows'>;

// The wrapper scrolls on narrow screens, so the keyboard has to reach it.
const table = (
  id: string,
  { caption, columns, rows }: Table,
): Markup => markup`<section class="wide" aria-labelledby="${id}" tabindex="0">
<table>
<caption id="${id}">${caption}</caption>
<colgroup>${columns.map(({ share }) => markup`<col class="w${share}"/>`)}</colgroup>
<thead><tr>${columns.map(({ heading }) => markup`<th scope="col">${heading}</th>`)}</tr></thead>
<tbody>
${rows.map(row)}</tbody>
</table>
</section>`;

const row = ([name = [], ...cells]: readonly Cell[]): Markup =>
  markup`<tr><th scope="row">${name.map(line)}</th>${cells.map((cell) => markup`<td>${cell.map(line)}</td>`)}</tr>\n`;

/** Each line finds its own direction, and cannot turn that of its neighbours. */
function line({ text, label, href, iso, strong }: Line): Markup {
  const words = iso === undefined ? markup`${text}` : markup`<time datetime="${iso}">${text}</time>`;
  const shown = href === undefined ? words : markup`<a href="${href}" rel="noopener noreferrer">${words}</a>`;
  if (label !== undefined) return markup`<div><span class="label">${label}</span> <bdi>${shown}</bdi></div>`;
  return strong === true
    ? markup`<div class="name" dir="auto">${shown}</div>`
    : markup`<div dir="auto">${shown}</div>`;
}
