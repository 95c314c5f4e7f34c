// `ro-crate-preview.html`: what a crate says, for people. No script, no address but its own files, nothing from elsewhere.
import type { CrateFile, Entity, RoCrate } from '@weft/lineage-formats';
import { markup, NOTHING, type Markup } from '@weft/report';

/** Rows of a table; the metadata has all. */
const MOST_ROWS = 1_000;

export function cratePreview({ metadata }: Pick<RoCrate, 'metadata'>): string {
  const graph = metadata['@graph'];
  const root = graph.find((entity) => entity['@id'] === './');
  const actions = graph.filter((entity) => typesOf(entity).includes('CreateAction'));
  const used = new Set(actions.flatMap(({ object, result }) => [...idsOf(object), ...idsOf(result)]));
  const parts = new Set(idsOf(root?.['hasPart']));
  const files = graph.filter((entity) => parts.has(entity['@id']));
  const others = graph.filter((entity) => used.has(entity['@id']) && !parts.has(entity['@id']));
  const license = idsOf(root?.['license'])[0] ?? root?.['license'];
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${text(root?.['name'])}</title>
</head>
<body>
<h1 dir="auto">${text(root?.['name'])}</h1>
<p dir="auto">${text(root?.['description'])}</p>
<p>Licence: <span dir="auto">${text(license)}</span>. Published: ${text(root?.['datePublished'])}. All of it is told by <a href="ro-crate-metadata.json">ro-crate-metadata.json</a>.</p>
${table(
  'What ran',
  ['Name', 'Status', 'Began', 'Ended', 'Error'],
  actions.map((action) => [
    text(action['name']),
    text(idsOf(action['actionStatus'])[0]).replace('http://schema.org/', ''),
    text(action['startTime']),
    text(action['endTime']),
    text(action['error']),
  ]),
)}
${table(
  'Files',
  ['File', 'Name', 'Type', 'Bytes', 'SHA-256'],
  files.map((file) => [
    linked(file),
    text(file['name']),
    text(file['encodingFormat']),
    text(file['contentSize']),
    text(file['sha256']),
  ]),
)}
${table(
  'Used or made, and not in this crate',
  ['Identifier', 'Name', 'Why', 'SHA-256'],
  others.map((other) => [
    other['@id'],
    text(other['name']),
    text(other['description']),
    text(other['sha256']),
  ]),
)}
</body>
</html>
`.source;
}

/** A path of the crate leads there; what is elsewhere is only named. */
const linked = ({ '@id': id }: Entity): Markup =>
  /^[a-z][a-z0-9+.-]*:/i.test(id) ? markup`${id}` : markup`<a href="./${id}">${decodeURIComponent(id)}</a>`;

function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly (string | Markup)[])[],
): Markup {
  if (rows.length === 0) return NOTHING;
  const shown = rows.slice(0, MOST_ROWS);
  return markup`<table border="1">
<caption>${caption}${rows.length > MOST_ROWS ? `, the first ${MOST_ROWS} of ${rows.length}` : ''}</caption>
<thead><tr>${heads.map((head) => markup`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${shown.map((row) => markup`<tr>${row.map((cell) => markup`<td dir="auto">${cell}</td>`)}</tr>\n`)}</tbody>
</table>`;
}

const listOf = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
const typesOf = (entity: Entity): readonly unknown[] => listOf(entity['@type']);
const idsOf = (value: unknown): string[] =>
  listOf(value).flatMap((one) =>
    typeof one === 'object' && one !== null && '@id' in one ? [String(one['@id'])] : [],
  );
const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

export type { CrateFile, RoCrate };
