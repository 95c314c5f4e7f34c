import {
  getNamedType,
  isObjectType,
  Kind,
  type DirectiveNode,
  type GraphQLArgument,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';

/**
 * What `@live(after, position, list)` in the supergraph promises of a subscription field (docs/processes.md): it can be
 * resumed at a position, and its payloads may be coalesced by concatenating a list.
 */
export interface LiveField {
  /** The argument that takes the position to continue after. */
  readonly after: GraphQLArgument;
  /** The field of each payload that carries its own position. */
  readonly position: string;
  /** The field of each payload whose entries are never dropped. */
  readonly list: string | undefined;
}

/** The live fields of a supergraph by name. A directive that does not fit its field is reported and ignored. */
export function readLiveFields(
  supergraph: DocumentNode,
  schema: GraphQLSchema,
  warn: (message: string) => void,
): ReadonlyMap<string, LiveField> {
  const found = new Map<string, LiveField>();
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION)
      continue;
    if (definition.name.value !== schema.getSubscriptionType()?.name) continue;
    for (const node of definition.fields ?? []) {
      const directive = node.directives?.find((one) => one.name.value === 'live');
      const field = fields[node.name.value];
      if (directive === undefined || field === undefined) continue;
      const [after, position, list] = [
        text(directive, 'after'),
        text(directive, 'position'),
        text(directive, 'list'),
      ];
      const payload = getNamedType(field.type);
      const argument = field.args.find((one) => one.name === after);
      const carries = (name: string): boolean =>
        isObjectType(payload) && payload.getFields()[name] !== undefined;
      if (
        argument === undefined ||
        position === undefined ||
        !carries(position) ||
        (list !== undefined && !carries(list))
      ) {
        warn(
          `@live on Subscription.${node.name.value} does not fit the field; it is served without resuming`,
        );
        continue;
      }
      found.set(node.name.value, { after: argument, position, list });
    }
  }
  return found;
}

function text(directive: DirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((one) => one.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}
