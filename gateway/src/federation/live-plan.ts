import {
  isNonNullType,
  Kind,
  parseType,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';
import type { LiveField } from './live-directive.js';

export const POSITION_KEY = 'weftPosition__';
export const AFTER_VARIABLE = 'weftAfter__';

/** How the payloads of one planned live field are resumed and coalesced. */
export interface Resumption {
  readonly field: LiveField;
  /** The root field as the client wrote it: where the first position is read from. */
  readonly node: FieldNode;
  /** Response name of the root field in the payloads of the subgraph. */
  readonly rootKey: string;
  /** Response names under which the client selected the list. */
  readonly listKeys: readonly string[];
}

/**
 * Makes a subscription resumable: its position argument becomes a variable of the gateway, and its payload carries
 * the position under a private name, which the client's own selection then leaves out of the result.
 */
export function makeResumable(document: DocumentNode, operation: OperationDefinitionNode, field: LiveField) {
  const node = operation.selectionSet.selections[0] as FieldNode;
  const resumable: FieldNode = {
    ...node,
    arguments: [
      ...(node.arguments ?? []).filter((one) => one.name.value !== field.after.name),
      {
        kind: Kind.ARGUMENT,
        name: name(field.after.name),
        value: { kind: Kind.VARIABLE, name: name(AFTER_VARIABLE) },
      },
    ],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: [
        { kind: Kind.FIELD, alias: name(POSITION_KEY), name: name(field.position) },
        ...(node.selectionSet?.selections ?? []),
      ],
    },
  };
  const changed: OperationDefinitionNode = {
    ...operation,
    variableDefinitions: [
      ...(operation.variableDefinitions ?? []),
      {
        kind: Kind.VARIABLE_DEFINITION,
        variable: { kind: Kind.VARIABLE, name: name(AFTER_VARIABLE) },
        type: variableType(field),
      },
    ],
    selectionSet: { kind: Kind.SELECTION_SET, selections: [resumable] },
  };
  const resumption: Resumption = {
    field,
    node,
    rootKey: responseName(node),
    listKeys:
      field.list === undefined ? [] : responseNames(node.selectionSet, field.list, fragmentsOf(document)),
  };
  return {
    document: {
      ...document,
      definitions: document.definitions.map((one) => (one === operation ? changed : one)),
    } satisfies DocumentNode,
    resumption,
  };
}

// Nullable where the argument has a default, so that a client that names no position gets the subgraph's default.
function variableType({ after }: LiveField): TypeNode {
  const nullable =
    isNonNullType(after.type) && after.defaultValue !== undefined ? after.type.ofType : after.type;
  return parseType(String(nullable));
}

function responseNames(
  selectionSet: SelectionSetNode | undefined,
  fieldName: string,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): string[] {
  const names = new Set<string>();
  const collect = (selections: SelectionSetNode | undefined): void => {
    for (const selection of selections?.selections ?? []) {
      if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else if (selection.kind === Kind.FRAGMENT_SPREAD)
        collect(fragments.get(selection.name.value)?.selectionSet);
      else if (selection.name.value === fieldName) names.add(responseName(selection));
    }
  };
  collect(selectionSet);
  return [...names];
}

const name = (value: string) => ({ kind: Kind.NAME, value }) as const;

const responseName = (field: FieldNode): string => field.alias?.value ?? field.name.value;

const fragmentsOf = (document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> =>
  new Map(
    document.definitions
      .filter((one) => one.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
