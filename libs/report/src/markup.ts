// Escaping by construction: what is put into a template is text unless it is markup already. XML and HTML share it.
import { writable } from './characters.js';

export class Markup {
  constructor(readonly source: string) {}
}

type Part = string | number | Markup | readonly Markup[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string =>
  writable(text).replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

function sourceOf(part: Part): string {
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  if (part instanceof Markup) return part.source;
  let source = '';
  for (const one of part) source += one.source;
  return source;
}

/** Markup from a template: what stands in `${…}` is escaped, in elements and in quoted attributes alike. */
export function markup(template: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let source = template[0] ?? '';
  for (const [at, part] of parts.entries()) source += sourceOf(part) + (template[at + 1] ?? '');
  return new Markup(source);
}

export const NOTHING = new Markup('');
