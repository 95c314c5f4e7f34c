import { registerEnumType } from 'type-graphql';

/**
 * A GraphQL enum from a list that the domain or a contract holds. Every value must be described: a value added
 * to the list does not compile until it is.
 */
export function graphqlEnum<Value extends string>(
  name: string,
  description: string,
  values: { readonly [V in Value]: string },
): { readonly [V in Value]: V } {
  const names = Object.keys(values) as Value[];
  const object = Object.fromEntries(names.map((value) => [value, value])) as { [V in Value]: V };
  const valuesConfig = Object.fromEntries(names.map((value) => [value, { description: values[value] }]));
  registerEnumType(object, { name, description, valuesConfig: valuesConfig as never });
  return object;
}
