import { getResponseName, type QueryPlanSelectionNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { isObject, mergeInto, ownValue, setOwn, type DataObject } from './merge.js';
import { isOfType } from './rewrites.js';

/** What a subgraph must be told of an entity; null where the data has not all of it. */
export type Represent = (entity: DataObject) => DataObject | null;

type Take = (source: DataObject, into: DataObject) => boolean;

/** Compiles the `requires` of a fetch. */
export function compileRequires(
  schema: GraphQLSchema,
  selections: readonly QueryPlanSelectionNode[],
): Represent {
  const takes = selections.map((selection): Take => {
    if (selection.kind === 'Field') return compileField(schema, selection);
    const { typeCondition } = selection;
    if (typeCondition === undefined) return () => true;
    const inner = compileRequires(schema, selection.selections);
    return (source, into) => {
      if (isOfType(schema, source, typeCondition)) mergeInto(into, inner(source));
      return true;
    };
  });
  return (source) => {
    const representation: DataObject = {};
    for (const take of takes) if (!take(source, representation)) return null;
    return representation;
  };
}

function compileField(
  schema: GraphQLSchema,
  field: Extract<QueryPlanSelectionNode, { kind: 'Field' }>,
): Take {
  const name = getResponseName(field);
  const inner = field.selections === undefined ? undefined : compileRequires(schema, field.selections);
  const represent = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(represent);
    return inner !== undefined && isObject(value) ? inner(value) : value;
  };
  return (source, into) => {
    const value = ownValue(source, name);
    if (value === undefined) return false;
    setOwn(into, name, inner === undefined ? value : represent(value));
    return true;
  };
}
