import { AppError } from '@weft/errors';
import { Kind, type DocumentNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';

/**
 * How deep, wide and costly a document may be. Judged before validation, because validation itself
 * is quadratic in the number of fields and would be the attack.
 */
export interface QueryLimits {
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly fields: number;
}

type Size = QueryLimits;

// A fragment somewhere below may be as wide as the other limits allow.
const OF_FRAGMENTS = ['depth', 'aliases', 'fields'] as const;
const OF_OPERATIONS = [...OF_FRAGMENTS, 'rootFields'] as const;

const NOTHING: Size = { depth: 0, aliases: 0, fields: 0, rootFields: 0 };

/** Throws QUERY_TOO_COMPLEX, saying which limit was passed and by how much. */
export function checkQueryLimits(document: DocumentNode, limits: QueryLimits): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const measured = new Map<string, Size>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      check(ofFragment(definition.name.value), limits, OF_FRAGMENTS);
    if (definition.kind === Kind.OPERATION_DEFINITION)
      check(measure(definition.selectionSet), limits, OF_OPERATIONS);
  }

  // A fragment is measured once however often it is spread; while it is open it counts as nothing, so that a
  // cycle (which validation reports) ends here.
  function ofFragment(name: string): Size {
    const known = measured.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    if (fragment === undefined) return NOTHING;
    measured.set(name, NOTHING);
    const size = measure(fragment.selectionSet);
    measured.set(name, size);
    return size;
  }

  function measure(selectionSet: SelectionSetNode): Size {
    let { depth, aliases, fields, rootFields } = NOTHING;
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        // The introspection query is deep by nature and costs no subgraph anything.
        const meta = selection.name.value.startsWith('__');
        const inner = selection.selectionSet === undefined ? NOTHING : measure(selection.selectionSet);
        depth = Math.max(depth, meta ? 1 : inner.depth + 1);
        aliases += inner.aliases + (selection.alias === undefined ? 0 : 1);
        fields += inner.fields + 1;
        rootFields += 1;
      } else {
        const inner =
          selection.kind === Kind.INLINE_FRAGMENT
            ? measure(selection.selectionSet)
            : ofFragment(selection.name.value);
        depth = Math.max(depth, inner.depth);
        aliases += inner.aliases;
        fields += inner.fields;
        rootFields += inner.rootFields;
      }
    }
    return { depth, aliases, fields, rootFields };
  }
}

type Limit = keyof QueryLimits;

const WORDS: Record<Limit, string> = {
  depth: 'levels',
  aliases: 'aliases',
  rootFields: 'root fields',
  fields: 'fields',
};

function check(size: Size, limits: QueryLimits, names: readonly Limit[]): void {
  for (const name of names) {
    if (size[name] <= limits[name]) continue;
    throw new AppError(
      'QUERY_TOO_COMPLEX',
      `The operation has ${size[name]} ${WORDS[name]}; the gateway allows ${limits[name]}. Split it into several.`,
      { limit: limits[name], actual: size[name] },
    );
  }
}
