import type { Bundle, Statement, Value } from './document.js';
import { isBlank, type Iri } from './namespaces.js';
import { isElement } from './terms.js';

/**
 * The bundle's statements, with the blank ids that it gave its statements kept apart from those of others: writers number
 * statements anew in each bundle, so `_:u1` of two bundles is two usages. Any other blank name is one within its document.
 * @param place which of the document's bundles it is.
 */
export function withOwnBlanks({ statements }: Bundle, place: number): readonly Statement[] {
  const own = new Set(statements.flatMap(({ kind, id = '' }) => (!isElement(kind) && isBlank(id) ? id : [])));
  if (own.size === 0) return statements;
  // No name that was read has a slash behind `_:`.
  const iri = (name: Iri): Iri => (own.has(name) ? `_:${place}/${name.slice(2)}` : name);
  const named = (name: Iri | undefined): Iri | undefined => (name === undefined ? undefined : iri(name));
  const value = (one: Value): Value => ('iri' in one ? { iri: iri(one.iri) } : one);
  return statements.map(({ kind, id, args, attributes, entries }) => ({
    kind,
    id: named(id),
    args: Object.fromEntries(Object.entries(args).map(([name, of]) => [name, named(of)])),
    attributes: attributes.map((one) => ({ name: one.name, value: value(one.value) })),
    ...(entries && {
      entries: entries.map(({ key, entity }) => ({
        key: value(key),
        ...(entity !== undefined && { entity: iri(entity) }),
      })),
    }),
  }));
}
