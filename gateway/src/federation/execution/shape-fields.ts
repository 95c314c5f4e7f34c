import {
  isSubtype,
  isVariable,
  typenameFieldName,
  type CompositeType,
  type FieldSelection,
  type Schema,
  type Selection,
  type SelectionSet,
} from '@apollo/federation-internals';
import type { Variables } from './run.js';

/** A field of the client's selection that applies to objects of one type, its repetitions merged. */
export interface SelectedField {
  /** Response name under which the planner has it. */
  readonly name: string;
  /** Where it was first selected. */
  readonly selection: FieldSelection;
  readonly selectionSets: SelectionSet[];
  /** The type that the client takes the object for: what an object without a type name is believed to be. */
  readonly parentType: CompositeType;
}

/** Collects what is selected of objects of a type; `typename` is undefined where the data does not tell. */
export function collectFields(
  schema: Schema,
  selectionSets: readonly SelectionSet[],
  typename: string | undefined,
  parentType: CompositeType,
  variables: Variables,
): SelectedField[] {
  const fields = new Map<string, SelectedField>();
  const applies = (condition: CompositeType | undefined, parent: CompositeType): boolean => {
    if (condition === undefined) return true;
    const type = typename === undefined ? parent : schema.type(typename);
    return type !== undefined && isSubtype(condition, type);
  };
  const collect = (selectionSet: SelectionSet, parent: CompositeType): void => {
    for (const selection of selectionSet.selections()) {
      if (isLeftOut(schema, selection, variables)) continue;
      if (selection.kind === 'FragmentSelection') {
        const condition = selection.element.typeCondition;
        if (applies(condition, parent)) collect(selection.selectionSet, condition ?? parent);
        continue;
      }
      const name = selection.element.responseName();
      const known = fields.get(name);
      const inner = selection.selectionSet === undefined ? [] : [selection.selectionSet];
      if (known === undefined)
        fields.set(name, { name, selection, selectionSets: inner, parentType: parent });
      else known.selectionSets.push(...inner);
    }
  };
  for (const selectionSet of selectionSets) collect(selectionSet, parentType);
  return [...fields.values()];
}

function isLeftOut(schema: Schema, { element }: Selection, variables: Variables): boolean {
  if (element.appliedDirectives.length === 0) return false;
  const [skip] = element.appliedDirectivesOf(schema.skipDirective());
  const [include] = element.appliedDirectivesOf(schema.includeDirective());
  const holds = (directive: { arguments(): { if?: unknown } }): boolean => {
    const value = directive.arguments().if;
    return (isVariable(value) ? variables[value.name] : value) === true;
  };
  return (skip !== undefined && holds(skip)) || (include !== undefined && !holds(include));
}

/** The variables that decide which parts of a selection apply. */
export function conditionVariables(selectionSet: SelectionSet): string[] {
  const names = new Set<string>();
  selectionSet.forEachElement(({ appliedDirectives }) => {
    for (const directive of appliedDirectives) {
      const value: unknown = directive.arguments()['if'];
      const decides = directive.name === 'skip' || directive.name === 'include';
      if (decides && isVariable(value)) names.add(value.name);
    }
  });
  return [...names].sort();
}

export const isTypename = (field: SelectedField): boolean =>
  field.selection.element.name === typenameFieldName;
