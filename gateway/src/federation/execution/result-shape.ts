import {
  ERRORS,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  typenameFieldName,
  type CompositeType,
  type Schema,
  type SelectionSet,
  type Type,
} from '@apollo/federation-internals';
import type { GraphQLError } from 'graphql';
import { leafCheck } from './leaf-values.js';
import { setOwn, ownValue, isObject, type DataObject } from './merge.js';
import type { Variables } from './run.js';
import { collectFields, isTypename, type SelectedField } from './shape-fields.js';

// What completing a value may end in besides the value: null for a reason already told, and a null that its parent cannot hold.
const FAILED = Symbol('failed');
const UNHOLDABLE = Symbol('unholdable');

interface Completion {
  readonly errors: GraphQLError[];
  readonly path: (string | number)[];
  introspect(selection: SelectedField['selection']): unknown;
}

type Complete = (value: unknown, completion: Completion) => unknown;
type Write = (source: DataObject, into: DataObject, completion: Completion) => boolean;

export interface Shape {
  /** The data as the client asked for it; null when a null could not be held anywhere. */
  apply(data: DataObject, completion: Completion): DataObject | null;
}

/**
 * Compiles what the client sees of the data: its own names and order, nothing more, nulls where the data does not fit
 * the API schema (unknown enum values, inaccessible types). For one set of condition variables.
 */
export function compileShape(
  schema: Schema,
  selectionSet: SelectionSet,
  root: CompositeType,
  publicNames: ReadonlyMap<string, string>,
  variables: Variables,
): Shape {
  const publicName = (name: string): string => publicNames.get(name) ?? name;

  const compileObject = (selectionSets: readonly SelectionSet[], type: CompositeType) => {
    const byTypename = new Map<string | undefined, readonly Write[]>();
    return (
      source: DataObject,
      completion: Completion,
      parent = type,
      typename?: string,
    ): DataObject | undefined => {
      let writes = byTypename.get(typename);
      if (writes === undefined) {
        writes = collectFields(schema, selectionSets, typename, parent, variables).map(compileField);
        byTypename.set(typename, writes);
      }
      const result: DataObject = {};
      for (const write of writes) if (!write(source, result, completion)) return undefined;
      return result;
    };
  };

  const compileField = (field: SelectedField): Write => {
    const { name, selection, parentType } = field;
    const shown = publicName(name);
    if (selection.element.definition.isSchemaIntrospectionField()) {
      return (_source, into, completion) => {
        setOwn(into, shown, completion.introspect(selection));
        return true;
      };
    }
    if (isTypename(field)) return writeTypename(schema, name, shown, parentType);
    const type = selection.element.definition.type as Type;
    const complete = compileType(type, field, `field ${parentType.name}.${shown}`);
    return (source, into, completion) => {
      completion.path.push(shown);
      const value = complete(ownValue(source, name) ?? null, completion);
      completion.path.pop();
      if (value === UNHOLDABLE) return false;
      setOwn(into, shown, value === FAILED ? null : value);
      return true;
    };
  };

  const compileType = (type: Type, field: SelectedField, place: string): Complete => {
    if (isNonNullType(type))
      return nonNull(compileType(type.ofType, field, place), place, String(type.ofType));
    if (isListType(type)) return listOf(compileType(type.ofType, field, place), String(type));
    if (isCompositeType(type)) return objectOf(type, field, place);
    const isValid = leafCheck(schema, type);
    return (value, completion) => {
      if (value === null || isValid(value)) return value;
      report(completion, `Invalid value found for ${placeOf(completion, place, String(type))}.`);
      return FAILED;
    };
  };

  const objectOf = (type: CompositeType, field: SelectedField, place: string): Complete => {
    const complete = compileObject(field.selectionSets, type);
    return (value, completion) => {
      if (value === null) return null;
      if (!isObject(value)) throw new Error(`A subgraph answered with no object of type ${type}`);
      const typename = value[typenameFieldName];
      if (typename === undefined || typename === null || typename === '')
        return complete(value, completion) ?? FAILED;
      const known = typeof typename === 'string' ? schema.type(typename) : undefined;
      if (known === undefined || !isCompositeType(known)) {
        report(
          completion,
          `Invalid __typename found for object at ${placeOf(completion, place, String(type))}.`,
        );
        return FAILED;
      }
      return complete(value, completion, known, known.name) ?? FAILED;
    };
  };

  const completeRoot = compileObject([selectionSet], root);
  return { apply: (data, completion) => completeRoot(data, completion) ?? null };
}

const nonNull =
  (complete: Complete, place: string, type: string): Complete =>
  (given, completion) => {
    const value = complete(given, completion);
    if (value === null)
      report(completion, `Cannot return null for non-nullable ${placeOf(completion, place, type)}.`);
    return value === null || value === FAILED ? UNHOLDABLE : value;
  };

const listOf =
  (complete: Complete, type: string): Complete =>
  (given, completion) => {
    if (given === null) return null;
    if (!Array.isArray(given)) throw new Error(`A subgraph answered with no list for type ${type}`);
    const result: unknown[] = [];
    let holdable = true;
    for (const [index, entry] of given.entries()) {
      completion.path.push(index);
      const value = complete(entry ?? null, completion);
      completion.path.pop();
      if (value === UNHOLDABLE) holdable = false;
      result.push(value === FAILED ? null : value);
    }
    return holdable ? result : FAILED;
  };

/** The planner fetches an aliased `__typename` where it needs to, and believes the object's own one otherwise. */
function writeTypename(schema: Schema, name: string, shown: string, parentType: CompositeType): Write {
  return (source, into) => {
    const given = ownValue(source, name) ?? source[typenameFieldName];
    const type = (typeof given === 'string' ? schema.type(given) : undefined) ?? parentType;
    if (!isObjectType(type)) return false;
    setOwn(into, shown, type.name);
    return true;
  };
}

const placeOf = ({ path }: Completion, place: string, type: string): string => {
  const last = path.at(-1);
  return typeof last === 'number' ? `array element of type ${type} at index ${last}` : place;
};

const report = ({ errors, path }: Completion, message: string): void => {
  errors.push(ERRORS.INVALID_GRAPHQL.err(message, { path: [...path] }));
};
