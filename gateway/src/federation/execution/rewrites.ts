import type { FetchDataRewrite } from '@apollo/query-planner';
import { isAbstractType, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';
import { isObject, ownValue, setOwn, type DataObject } from './merge.js';

const ON_TYPE = '... on ';

/** Whether an object of the response is of a type; without a `__typename` it is whatever `unknown` says. */
export function isOfType(
  schema: GraphQLSchema,
  object: DataObject,
  condition: string,
  unknown = false,
): boolean {
  const typename = object['__typename'];
  if (typeof typename !== 'string' || typename === '') return unknown;
  if (typename === condition) return true;
  const type = schema.getType(typename);
  const wanted = schema.getType(condition);
  if (!isAbstractType(wanted) || !(isObjectType(type) || isInterfaceType(type))) return false;
  return schema.isSubType(wanted, type);
}

/** Changes that the planner orders of the data of one fetch: names given back, type names set. In place. */
export function applyRewrites(
  schema: GraphQLSchema,
  rewrites: readonly FetchDataRewrite[] | undefined,
  data: unknown,
): void {
  for (const rewrite of rewrites ?? []) {
    const field = rewrite.path.at(-1);
    if (field !== undefined) rewriteAt(schema, rewrite, field, rewrite.path, 0, data);
  }
}

function rewriteAt(
  schema: GraphQLSchema,
  rewrite: FetchDataRewrite,
  field: string,
  path: readonly string[],
  depth: number,
  value: unknown,
): void {
  if (Array.isArray(value)) {
    for (const one of value) rewriteAt(schema, rewrite, field, path, depth, one);
    return;
  }
  if (!isObject(value)) return;
  const step = path[depth];
  if (depth === path.length - 1 || step === undefined) rewriteField(rewrite, field, value);
  else if (!step.startsWith(ON_TYPE))
    rewriteAt(schema, rewrite, field, path, depth + 1, ownValue(value, step));
  else if (isOfType(schema, value, step.slice(ON_TYPE.length), true))
    rewriteAt(schema, rewrite, field, path, depth + 1, value);
}

function rewriteField(rewrite: FetchDataRewrite, field: string, object: DataObject): void {
  if (rewrite.kind === 'ValueSetter') {
    setOwn(object, field, rewrite.setValueTo);
    return;
  }
  const value = ownValue(object, field);
  if (!value) return;
  setOwn(object, rewrite.renameKeyTo, value);
  object[field] = undefined;
}
