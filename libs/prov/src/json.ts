// JSON (RFC 8259) as provenance needs it read: what is wrong is told with its line and column, and a number keeps how it was
// written. JSON allows an object to name a member twice, and readers keep the last one: in a document of PROV that would lose
// statements without a word, so it is refused.
import type { AppError } from '@weft/errors';
import { malformed } from './malformed.js';
import { createPlaces, escaped, isWhole } from './places.js';

/** A number of which a `number` of JavaScript does not say all: `1.0`, or digits that it has no room for. */
export class WrittenNumber {
  constructor(readonly text: string) {}
}

/** Far more than any document of PROV has. */
const DEEPEST = 100;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const SAFE = /^-?\d{1,15}$/;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** What becomes of a member that its object names twice. */
export type Repeated = 'REFUSED' | 'LAST';

/** @throws PROV_MALFORMED with line and column; of a repeated member with its place as a JSON Pointer, and both lines. */
export function parseJson(text: string, repeated: Repeated): unknown {
  const reader = new JsonReader(text, repeated);
  const value = reader.value();
  reader.end();
  return value;
}

class JsonReader {
  #at = 0;
  /** Names and places of what is being read, from the outside in. */
  readonly #path: (string | number)[] = [];

  constructor(
    readonly text: string,
    readonly repeated: Repeated,
  ) {}

  value(): unknown {
    this.#skip();
    if (this.#path.length > DEEPEST)
      throw this.#wrong(this.#at, 'objects and lists stand too deep in each other');
    const char = this.text[this.#at];
    if (char === '{') return this.#object();
    if (char === '[') return this.#list();
    if (char === '"') return this.#string();
    const word = this.#match(WORD);
    if (word !== '') return WORDS.get(word);
    const number = this.#match(NUMBER);
    if (number === '') throw this.#unexpected('a value');
    return SAFE.test(number) ? Number(number) : new WrittenNumber(number);
  }

  end(): void {
    this.#skip();
    if (this.#at < this.text.length) throw this.#unexpected('the end of the text');
  }

  #object(): Readonly<Record<string, unknown>> {
    // Without a prototype: "__proto__" is a name like any other.
    const members = Object.create(null) as Record<string, unknown>;
    const named = new Map<string, number>();
    this.#at += 1;
    for (let isFirst = true; !this.#isMark('}'); isFirst = false) {
      if (!isFirst) this.#mark(',', '"," or "}"');
      this.#skip();
      if (this.text[this.#at] !== '"') throw this.#unexpected('a name in quotes');
      const begin = this.#at;
      const name = this.#string();
      this.#path.push(name);
      const first = named.get(name);
      if (first !== undefined && this.repeated === 'REFUSED') throw this.#twice(first, begin);
      named.set(name, begin);
      this.#mark(':', '":"');
      members[name] = this.value();
      this.#path.pop();
    }
    return members;
  }

  #list(): readonly unknown[] {
    const values: unknown[] = [];
    this.#at += 1;
    while (!this.#isMark(']')) {
      if (values.length > 0) this.#mark(',', '"," or "]"');
      this.#path.push(values.length);
      values.push(this.value());
      this.#path.pop();
    }
    return values;
  }

  #string(): string {
    const begin = this.#at;
    let end = begin + 1;
    let isEscaped = false;
    for (let code = this.text.charCodeAt(end); code !== 0x22; code = this.text.charCodeAt(end)) {
      if (Number.isNaN(code)) throw this.#wrong(begin, 'a text that does not end');
      if (code < 0x20)
        throw this.#wrong(end, 'a control character within a text', 'Write it as \\n or \\u0000.');
      isEscaped ||= code === 0x5c;
      end += code === 0x5c ? 2 : 1;
    }
    this.#at = end + 1;
    const written = this.text.slice(begin + 1, end);
    const bad = isEscaped ? badEscapeAt(written) : -1;
    if (bad >= 0) throw this.#wrong(begin + 1 + bad, 'no escape that JSON knows');
    const meant = isEscaped ? (JSON.parse(`"${written}"`) as string) : written;
    if (!isWhole(meant))
      throw this.#wrong(begin, 'a text with half a character', 'Surrogates stand in pairs.');
    return meant;
  }

  /** Skips it if it is there. */
  #isMark(mark: string): boolean {
    this.#skip();
    const isThere = this.text[this.#at] === mark;
    if (isThere) this.#at += 1;
    return isThere;
  }

  #mark(mark: string, what: string): void {
    if (!this.#isMark(mark)) throw this.#unexpected(what);
  }

  #skip(): void {
    this.#match(SPACE);
  }

  #match(rule: RegExp): string {
    rule.lastIndex = this.#at;
    const found = rule.exec(this.text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #unexpected(what: string): AppError {
    const found = this.text.slice(this.#at, this.#at + 10);
    return this.#wrong(
      this.#at,
      `expected ${what}, found ${found === '' ? 'the end of the text' : JSON.stringify(found)}`,
    );
  }

  #twice(first: number, again: number): AppError {
    const placeOf = createPlaces(this.text);
    return malformed(
      this.#path.map((step) => `/${typeof step === 'number' ? step : escaped(step)}`).join(''),
      `the object has this member twice (${placeOf(first)}, and ${placeOf(again)})`,
      'Several records of one name, or several values of one attribute, are one member with an array.',
    );
  }

  #wrong(at: number, what: string, next = 'Correct the JSON there.'): AppError {
    return malformed(createPlaces(this.text)(at), `not JSON: ${what}`, next);
  }
}

/** From the left: the second backslash of two begins no escape. */
function badEscapeAt(written: string): number {
  for (let at = written.indexOf('\\'); at >= 0; at = written.indexOf('\\', at + 2)) {
    ESCAPE.lastIndex = at;
    if (!ESCAPE.test(written)) return at;
  }
  return -1;
}
