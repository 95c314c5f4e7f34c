// The graph is read by people in an explorer: everything in it says what it is for.
import { Kind, parse, visit, type ASTNode, type StringValueNode } from 'graphql';

const FEDERATION_INTERNAL = /^(join__|link__|core__)/;
/** The root types are described by their fields. */
const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);
const CHECKED = new Set<string>([
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.INPUT_OBJECT_TYPE_DEFINITION,
  Kind.ENUM_TYPE_DEFINITION,
  Kind.UNION_TYPE_DEFINITION,
  Kind.SCALAR_TYPE_DEFINITION,
  Kind.FIELD_DEFINITION,
  Kind.INPUT_VALUE_DEFINITION,
  Kind.ENUM_VALUE_DEFINITION,
]);

interface Named {
  readonly name: { readonly value: string };
  readonly description?: StringValueNode;
}

const named = (node: ASTNode | readonly ASTNode[]): Named | undefined =>
  'kind' in node && CHECKED.has(node.kind) ? (node as unknown as Named) : undefined;

/** Coordinates (`Type.field.argument`) of everything in a schema or supergraph that has no description. */
export function undescribed(sdl: string): string[] {
  const missing: string[] = [];
  visit(parse(sdl), {
    DirectiveDefinition: () => false,
    enter(node, _key, _parent, _path, ancestors) {
      const one = named(node);
      if (one === undefined) return undefined;
      if (FEDERATION_INTERNAL.test(one.name.value)) return false;
      const owners = ancestors
        .map((ancestor) => named(ancestor)?.name.value)
        .filter((name) => name !== undefined);
      const isRoot = owners.length === 0 && ROOTS.has(one.name.value);
      if (!isRoot && !one.description?.value.trim()) missing.push([...owners, one.name.value].join('.'));
      return undefined;
    },
  });
  return missing;
}
