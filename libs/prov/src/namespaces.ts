import { PROV, XSD } from './terms.js';

/** Absolute, or a blank name `_:x`. */
export type Iri = string;

/** The prefixes of a document or a bundle; `prov` and `xsd` need no declaration. */
export interface Namespaces {
  readonly prefixes: ReadonlyMap<string, Iri>;
  /** Of names without a prefix. */
  readonly fallback: Iri | undefined;
  /** What holds around it and is not declared anew: copied into each bundle, a document of many of both would be too large. */
  readonly outer?: Namespaces;
}

export const BUILT_IN: ReadonlyMap<string, Iri> = new Map([
  ['prov', PROV],
  ['xsd', XSD],
]);

export const NO_NAMESPACES: Namespaces = { prefixes: new Map(), fallback: undefined };

/** Those of a bundle hide its document's. */
export const within = (outer: Namespaces, inner: Namespaces): Namespaces =>
  inner === outer ? outer : { prefixes: inner.prefixes, fallback: inner.fallback ?? outer.fallback, outer };

/** All that are declared, in one. */
export const flat = ({ prefixes, fallback, outer }: Namespaces): Namespaces =>
  outer === undefined
    ? { prefixes, fallback }
    : { prefixes: new Map([...flat(outer).prefixes, ...prefixes]), fallback };

const namespaceFor = ({ prefixes, outer }: Namespaces, prefix: string): Iri | undefined =>
  prefixes.get(prefix) ?? (outer === undefined ? BUILT_IN.get(prefix) : namespaceFor(outer, prefix));

/** Some writers leave the `#` away, and mean the same types. */
export const namespaceOf = (iri: string): Iri => (`${iri}#` === XSD ? XSD : iri);

export const isBlank = (name: string): boolean => name.startsWith('_:');

/** What no IRI may hold (RFC 3987). */
const FORBIDDEN = /[\s\p{Cc}<>"{}|^`\\]|%(?![0-9A-Fa-f]{2})/u;
/** PROV-N writes such characters of a local name with a backslash. */
export const ESCAPABLE = `='(),:;"[].-`;
const ESCAPED = /\\([='(),:;"[\].-])/gu;

/** A name as others write it, without the escapes of PROV-N; undefined where no IRI can be made of it. */
export function plainName(written: string): string | undefined {
  const name = written.replace(ESCAPED, '$1');
  const isName = isBlank(name) ? BLANK_NAME.test(name) : name !== '' && !FORBIDDEN.test(name);
  return isName ? name : undefined;
}

/** PN_CHARS_BASE and what else PN_CHARS has, of PROV-N and Turtle. */
const BASE =
  'A-Za-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f' +
  '\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\u{10000}-\\u{effff}';
const CHARS = `${BASE}_0-9\\u00b7\\u0300-\\u036f\\u203f\\u2040-`;
const PREFIX = new RegExp(`^[${BASE}][${CHARS}]*(?:\\.[${CHARS}]+)*$`, 'u');
const BLANK_NAME = /^_:[\p{L}\p{N}_.-]+$/u;

/** Why nobody could write this declaration so that others read it; undefined where there is nothing to say. */
export function declarationProblem(prefix: string | undefined, iri: string): string | undefined {
  if (prefix !== undefined && !PREFIX.test(prefix)) return `"${prefix}" is no prefix`;
  if (iri === '' || FORBIDDEN.test(iri)) return 'a namespace is an IRI';
  return prefix === 'prov' && iri !== PROV ? `"prov" always means ${PROV}` : undefined;
}

/** The IRI of a qualified name; undefined where its prefix is not declared. */
export function expand(namespaces: Namespaces, name: string): Iri | undefined {
  if (isBlank(name)) return name;
  const colon = name.indexOf(':');
  const { fallback } = namespaces;
  if (colon < 0) return fallback === undefined ? undefined : fallback + name;
  const [prefix, local] = [name.slice(0, colon), name.slice(colon + 1)];
  const namespace = namespaceFor(namespaces, prefix);
  if (namespace !== undefined) return namespace + local;
  return local.startsWith('//') ? name : undefined;
}

export interface Compactor {
  /** A qualified name; its prefix is declared if none is yet. */
  compact(iri: Iri): string;
  /** To be declared: those that were, those that were made, and within a bundle what its names take from around it. */
  readonly prefixes: ReadonlyMap<string, Iri>;
  readonly fallback: Iri | undefined;
  longest(iri: Iri): Declared | undefined;
}

interface Declared {
  readonly prefix: string;
  readonly namespace: Iri;
}

/** Behind the last `#`, `/` or `:`, where most vocabularies begin. */
const LAST_PART = /[^#/:]*$/u;

/** What is not taken for a prefix, a comment or a marker. */
const BARE = /^[\p{L}\p{N}_][^:]*$/u;

/** Namespaces by what they are: however many there are, only the lengths that they have are tried for an IRI. */
class NamespaceIndex {
  readonly #prefixes = new Map<Iri, string>();
  /** The longest first. */
  readonly #lengths: number[] = [];

  constructor(declared: Iterable<readonly [string, Iri]>) {
    for (const [prefix, namespace] of declared) if (namespace !== '') this.add(prefix, namespace);
  }

  add(prefix: string, namespace: Iri): void {
    if (this.#prefixes.has(namespace)) return;
    this.#prefixes.set(namespace, prefix);
    const { length } = namespace;
    if (this.#lengths.includes(length)) return;
    this.#lengths.push(length);
    this.#lengths.sort((one, other) => other - one);
  }

  longest(iri: Iri, accepts: (declared: Declared) => boolean): Declared | undefined {
    for (const length of this.#lengths) {
      if (length > iri.length) continue;
      const namespace = iri.slice(0, length);
      const prefix = this.#prefixes.get(namespace);
      if (prefix !== undefined && accepts({ prefix, namespace })) return { prefix, namespace };
    }
    return undefined;
  }
}

/**
 * Gives IRIs the shortest names that these namespaces allow.
 * @param around of the document, for a bundle within it.
 */
export function createCompactor(given: Namespaces, around?: Compactor): Compactor {
  const { prefixes: declared, fallback = around?.fallback } = around === undefined ? flat(given) : given;
  const prefixes = new Map(declared);
  const builtIn = [...BUILT_IN].filter(([prefix]) => !prefixes.has(prefix));
  const index = new NamespaceIndex([...prefixes, ...(around === undefined ? builtIn : [])]);
  const isHidden = ({ prefix, namespace }: Declared): boolean =>
    (prefixes.get(prefix) ?? namespace) !== namespace;
  const longest = (iri: Iri): Declared | undefined => {
    const own = index.longest(iri, (one) => !isHidden(one));
    const outer = around?.longest(iri);
    if (outer === undefined || isHidden(outer)) return own;
    return own === undefined || own.namespace.length < outer.namespace.length ? outer : own;
  };
  const known = new Map<Iri, string>();
  let made = 0;
  const shortest = (iri: Iri): string | undefined => {
    const best = longest(iri);
    const bare = fallback !== undefined && iri.startsWith(fallback) ? iri.slice(fallback.length) : '';
    if (BARE.test(bare) && (best === undefined || best.namespace.length <= iri.length - bare.length))
      return bare;
    if (best === undefined) return undefined;
    const { prefix, namespace } = best;
    if (BUILT_IN.get(prefix) !== namespace) prefixes.set(prefix, namespace);
    return `${prefix}:${iri.slice(namespace.length)}`;
  };
  const declare = (iri: Iri): string => {
    const local = LAST_PART.exec(iri)?.[0] ?? '';
    const namespace = iri.slice(0, iri.length - local.length) || iri;
    do made += 1;
    while (prefixes.has(`ns${made}`) || around?.prefixes.has(`ns${made}`) === true);
    const prefix = `ns${made}`;
    prefixes.set(prefix, namespace);
    index.add(prefix, namespace);
    return `${prefix}:${iri.slice(namespace.length)}`;
  };
  return {
    compact(iri) {
      if (isBlank(iri)) return iri;
      const name = known.get(iri) ?? shortest(iri) ?? declare(iri);
      known.set(iri, name);
      return name;
    },
    longest,
    prefixes,
    fallback,
  };
}
