import {
  isCustomScalarType,
  isEnumType,
  isValidLeafValue,
  type NamedType,
  type Schema,
} from '@apollo/federation-internals';

export type IsValid = (value: unknown) => boolean;

/** Whether a subgraph's value may be shown as one of a scalar or enum of the API: unknown enum values may not. */
export function leafCheck(schema: Schema, type: NamedType): IsValid {
  if (isCustomScalarType(type as Parameters<typeof isCustomScalarType>[0])) return () => true;
  if (isEnumType(type)) {
    const values = new Set(type.values.map((one) => one.name));
    return (value) => typeof value === 'string' && values.has(value);
  }
  const rule = (value: unknown): boolean =>
    isValidLeafValue(schema, value, type as Parameters<typeof isValidLeafValue>[2]);
  switch (type.name) {
    case 'String':
    case 'ID':
      return (value) => typeof value === 'string' || rule(value);
    case 'Boolean':
      return (value) => typeof value === 'boolean' || rule(value);
    default:
      return rule;
  }
}
