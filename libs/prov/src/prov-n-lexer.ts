// The tokens of PROV-N (https://www.w3.org/TR/prov-n/, section 3 and 3.7).
import { malformed } from './malformed.js';
import { createPlaces, halfAt } from './places.js';

export interface Token {
  readonly type: 'word' | 'string' | 'quoted-name' | 'iri' | 'language' | 'mark' | 'end';
  /** Of strings and quoted names what they mean, of all others as written. */
  readonly text: string;
  /** `line 3, column 14`, both from 1. */
  readonly place: string;
}

const BLANK = /(?:\s+|\/\/[^\n]*)+/uy;
const RULES: readonly (readonly [Token['type'], RegExp])[] = [
  ['quoted-name', /'((?:[^'\\\n]|\\[^])*)'/uy],
  ['iri', /<([^<>"{}|^`\\\s]*)>/uy],
  ['language', /@([a-zA-Z]+(?:-[a-zA-Z0-9]+)*)/uy],
  ['mark', /%%|[(),;=[\]{}]|-(?=[\s,;)\]}]|\/[/*])/uy],
  // Names, numbers and times alike: what they are, their place tells.
  ['word', /(?:[^\s(),;='"[\]{}<>%\\]|%[0-9A-Fa-f]{2}|\\[='(),\-:;"[\].])+/uy],
];

const MEANT: Readonly<Record<string, string>> = {
  ...{ t: '\t', b: '\b', n: '\n', r: '\r', f: '\f' },
  ...{ '"': '"', "'": "'", '\\': '\\' },
};
/** What PROV-N has no escape for stays as it is written: some writers leave backslashes alone. */
const unescapedText = (text: string): string =>
  text.replace(/\\([^])/gu, (written, char: string) => MEANT[char] ?? written);

/** @throws PROV_MALFORMED at the first character that begins nothing. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const half = halfAt(text);
  if (half >= 0) throw malformed(createPlaces(text)(half), 'half a character', 'Surrogates stand in pairs.');
  const placeOf = createPlaces(text);
  for (let at = 0; ;) {
    at = behindBlank(text, at, placeOf);
    const place = placeOf(at);
    if (at >= text.length) return [...tokens, { type: 'end', text: '', place }];
    const found = firstAt(text, at);
    if (found === undefined)
      throw malformed(place, `nothing of PROV-N begins with ${JSON.stringify(text.slice(at, at + 10))}`);
    const { type, whole, inner } = found;
    tokens.push({ type, text: type === 'string' ? unescapedText(inner) : inner, place });
    at += whole.length;
  }
}

/** Behind white space and comments. */
function behindBlank(text: string, begin: number, placeOf: (at: number) => string): number {
  let at = begin;
  for (;;) {
    BLANK.lastIndex = at;
    at += BLANK.exec(text)?.[0].length ?? 0;
    if (!text.startsWith('/*', at)) return at;
    const end = text.indexOf('*/', at + 2);
    if (end < 0) throw malformed(placeOf(at), 'a comment that does not end', 'Close it with */.');
    at = end + 2;
  }
}

interface Found {
  readonly type: Token['type'];
  readonly whole: string;
  readonly inner: string;
}

function firstAt(text: string, at: number): Found | undefined {
  if (text[at] === '"') return stringAt(text, at);
  for (const [type, rule] of RULES) {
    rule.lastIndex = at;
    const match = rule.exec(text);
    if (match !== null) return { type, whole: match[0], inner: match[1] ?? match[0] };
  }
  return undefined;
}

/** In one pass, however long it is and whether it ends or not. */
function stringAt(text: string, begin: number): Found | undefined {
  const quote = text.startsWith('"""', begin) ? '"""' : '"';
  for (let at = begin + quote.length; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '"' && text.startsWith(quote, at)) {
      const end = at + quote.length;
      return { type: 'string', whole: text.slice(begin, end), inner: text.slice(begin + quote.length, at) };
    } else if (quote === '"' && (char === '\n' || char === '\r')) return undefined;
  }
  return undefined;
}
