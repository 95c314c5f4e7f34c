// One noun, one home: what a type is, is said by the subgraph that owns it. Elsewhere it is a stub, and its description there would
// compete with the owner's (composition takes the one that most subgraphs use).
import { Kind, parse, visit, type ASTNode, type DocumentNode } from 'graphql';

/** Type name → the subgraph that owns it. */
export type Homes = Readonly<Record<string, string>>;

interface Definition {
  readonly name: { readonly value: string };
  readonly fields?: readonly { readonly name: { readonly value: string } }[];
  readonly values?: readonly { readonly name: { readonly value: string } }[];
}

const TYPES = new Set<string>([
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.INPUT_OBJECT_TYPE_DEFINITION,
  Kind.ENUM_TYPE_DEFINITION,
]);

const definition = (node: ASTNode | readonly ASTNode[] | undefined): Definition | undefined =>
  node !== undefined && 'kind' in node && TYPES.has(node.kind) ? (node as unknown as Definition) : undefined;

/** The names of the fields or values that a document gives to each type. */
function membersOf(document: DocumentNode): Map<string, Set<string>> {
  const members = new Map<string, Set<string>>();
  for (const node of document.definitions) {
    const type = definition(node);
    if (type === undefined) continue;
    members.set(
      type.name.value,
      new Set([...(type.fields ?? []), ...(type.values ?? [])].map(({ name }) => name.value)),
    );
  }
  return members;
}

/** The subgraphs' documents, in which only the home of a type describes the type and what the home itself defines of it. */
export function describedAtHome(
  subgraphs: readonly { readonly name: string; readonly sdl: string }[],
  homes: Homes,
): { readonly name: string; readonly typeDefs: DocumentNode }[] {
  const parsed = subgraphs.map(({ name, sdl }) => ({ name, typeDefs: parse(sdl) }));
  const members = new Map(parsed.map(({ name, typeDefs }) => [name, membersOf(typeDefs)]));
  return parsed.map(({ name, typeDefs }) => ({
    name,
    typeDefs: visit(typeDefs, {
      enter(node, _key, _parent, _path, ancestors) {
        const type = definition(node) ?? definition(ancestors.at(-1));
        const home = type === undefined ? undefined : homes[type.name.value];
        if (type === undefined || home === undefined || home === name || !('description' in node))
          return undefined;
        const own = definition(node) !== undefined;
        const atHome =
          'name' in node &&
          members
            .get(home)
            ?.get(type.name.value)
            ?.has(node.name?.value ?? '') === true;
        return own || atHome ? { ...node, description: undefined } : undefined;
      },
    }),
  }));
}
