import { createHash } from 'node:crypto';
import {
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  isIntrospectionType,
  GraphQLError,
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

/**
 * The planner joins what `@key` and `@requires` need with what the client asked for by response name alone, so an
 * alias or a set of arguments of the client can silently take the place of a required value (federation#2276).
 * Every field that is aliased or can take arguments is therefore planned under a name of its own, and named back
 * in the result.
 */
export interface PrivateNaming {
  readonly document: DocumentNode;
  /** Private response name to the client's response name. */
  readonly publicNames: ReadonlyMap<string, string>;
}

export function namePrivately(document: DocumentNode, schema: GraphQLSchema): PrivateNaming {
  const publicNames = new Map<string, string>();
  const types = new TypeInfo(schema);
  const renamed = visit(
    document,
    visitWithTypeInfo(types, {
      Field(field) {
        // Introspection is answered by the gateway itself, under the client's names, also what stands in a fragment.
        if (field.name.value === '__schema' || field.name.value === '__type') return false;
        if (isIntrospectionType(types.getParentType() as GraphQLNamedType)) return undefined;
        const takesArguments = (types.getFieldDef()?.args.length ?? 0) > 0;
        if (field.alias === undefined && !takesArguments) return undefined;
        const name = privateName(field);
        publicNames.set(name, field.alias?.value ?? field.name.value);
        return { ...field, alias: { kind: field.name.kind, value: name } };
      },
    }),
  );
  return { document: renamed, publicNames };
}

// The same response name may hold different fields under fragments on different types; the hash keeps them apart.
function privateName(field: FieldNode): string {
  const meaning = `${field.name.value}(${(field.arguments ?? []).map(canonical).sort().join(',')})`;
  return `${field.alias?.value ?? field.name.value}__${createHash('sha1').update(meaning).digest('hex').slice(0, 8)}`;
}

// Two spellings of the same arguments must get one name: validation lets the client merge such fields.
const canonical = (argument: ArgumentNode): string =>
  print(
    visit(argument, {
      ObjectValue: {
        leave: (node) => ({
          ...node,
          fields: node.fields.toSorted((a, b) => (a.name.value < b.name.value ? -1 : 1)),
        }),
      },
    }),
  );

/** Gives a result its public names back. */
export function restoreNames(value: unknown, publicNames: ReadonlyMap<string, string>): unknown {
  if (publicNames.size === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => restoreNames(one, publicNames));
  const restored: Record<string, unknown> = Object.create(null);
  for (const [name, inner] of Object.entries(value)) {
    restored[publicNames.get(name) ?? name] = restoreNames(inner, publicNames);
  }
  return restored;
}

export const restorePath = <P extends string | number>(
  path: readonly P[] | undefined,
  publicNames: ReadonlyMap<string, string>,
): (P | string)[] | undefined =>
  path?.map((step) => (typeof step === 'string' ? (publicNames.get(step) ?? step) : step));

/** The same error at the place that the client knows. */
export function atPublicPath(error: GraphQLError, publicNames: ReadonlyMap<string, string>): GraphQLError {
  if (error.path === undefined) return error;
  const { message, nodes, source, positions, extensions, originalError } = error;
  return new GraphQLError(message, {
    nodes,
    source,
    positions,
    path: restorePath(error.path, publicNames),
    originalError,
    extensions,
  });
}
