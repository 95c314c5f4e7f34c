import { PROV, XSD } from './terms.js';

/** Absolute, or a blank name `_:x`. */
export type Iri = string;

/** The prefixes of a document or a bundle; `prov` and `xsd` need no declaration. */
export interface Namespaces {
  readonly prefixes: ReadonlyMap<string, Iri>;
  /** Of names without a prefix. */
  readonly fallback: Iri | undefined;
}

export const BUILT_IN: ReadonlyMap<string, Iri> = new Map([
  ['prov', PROV],
  ['xsd', XSD],
]);

export const NO_NAMESPACES: Namespaces = { prefixes: new Map(), fallback: undefined };

/** Those of a bundle hide its document's. */
export const within = (outer: Namespaces, inner: Namespaces): Namespaces => ({
  prefixes: new Map([...outer.prefixes, ...inner.prefixes]),
  fallback: inner.fallback ?? outer.fallback,
});

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

const PREFIX = /^\p{L}[\p{L}\p{N}_-]*(?:\.[\p{L}\p{N}_-]+)*$/u;
const BLANK_NAME = /^_:[\p{L}\p{N}_.-]+$/u;

/** Why nobody could write this declaration so that others read it; undefined where there is nothing to say. */
export function declarationProblem(prefix: string | undefined, iri: string): string | undefined {
  if (prefix !== undefined && !PREFIX.test(prefix)) return `"${prefix}" is no prefix`;
  if (iri === '' || FORBIDDEN.test(iri)) return 'a namespace is an IRI';
  return prefix === 'prov' && iri !== PROV ? `"prov" always means ${PROV}` : undefined;
}

/** The IRI of a qualified name; undefined where its prefix is not declared. */
export function expand({ prefixes, fallback }: Namespaces, name: string): Iri | undefined {
  if (isBlank(name)) return name;
  const colon = name.indexOf(':');
  if (colon < 0) return fallback === undefined ? undefined : fallback + name;
  const [prefix, local] = [name.slice(0, colon), name.slice(colon + 1)];
  const namespace = prefixes.get(prefix) ?? BUILT_IN.get(prefix);
  if (namespace !== undefined) return namespace + local;
  return local.startsWith('//') ? name : undefined;
}

export interface Compactor {
  /** A qualified name; its prefix is declared if none is yet. */
  compact(iri: Iri): string;
  /** Declared ones and those that were made. */
  readonly prefixes: ReadonlyMap<string, Iri>;
  readonly fallback: Iri | undefined;
}

/** Behind the last `#`, `/` or `:`, where most vocabularies begin. */
const LAST_PART = /[^#/:]*$/u;

/** What is not taken for a prefix, a comment or a marker. */
const BARE = /^[\p{L}\p{N}_][^:]*$/u;

/** Gives IRIs the shortest names that these namespaces allow. */
export function createCompactor({ prefixes: declared, fallback }: Namespaces): Compactor {
  const prefixes = new Map(declared);
  const all = (): [string, Iri][] => [
    ...prefixes,
    ...[...BUILT_IN].filter(([prefix]) => !prefixes.has(prefix)),
  ];
  const known = new Map<Iri, string>();
  const shortest = (iri: Iri): string | undefined => {
    let best: { name: string; namespace: Iri } | undefined;
    for (const [prefix, namespace] of all())
      if (iri.startsWith(namespace) && namespace.length > (best?.namespace.length ?? 0))
        best = { name: `${prefix}:${iri.slice(namespace.length)}`, namespace };
    const bare = fallback !== undefined && iri.startsWith(fallback) ? iri.slice(fallback.length) : '';
    if (BARE.test(bare) && (best === undefined || best.namespace.length <= iri.length - bare.length))
      return bare;
    return best?.name;
  };
  const declare = (iri: Iri): string => {
    const local = LAST_PART.exec(iri)?.[0] ?? '';
    const namespace = iri.slice(0, iri.length - local.length) || iri;
    let number = 1;
    while (prefixes.has(`ns${number}`)) number += 1;
    prefixes.set(`ns${number}`, namespace);
    return `ns${number}:${iri.slice(namespace.length)}`;
  };
  return {
    compact(iri) {
      if (isBlank(iri)) return iri;
      const name = known.get(iri) ?? shortest(iri) ?? declare(iri);
      known.set(iri, name);
      return name;
    },
    prefixes,
    fallback,
  };
}
