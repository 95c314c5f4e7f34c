import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLSchema,
} from 'graphql';

/** Numbers in [0, 1), the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A query of random fields, aliases, arguments, conditions and fragments; it may be invalid by chance. */
export function randomQuery(schema: GraphQLSchema, random: () => number): string {
  const query = schema.getQueryType();
  if (!query) throw new Error('no query type');
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const often = (share: number): boolean => random() < share;
  const fragments: string[] = [];

  const argumentOf = (one: GraphQLArgument): string =>
    ({ ID: '"k1"', Int: String(Math.floor(random() * 6)), String: '"g"', Deep: '{b: [1], a: 2}' })[
      String(getNullableType(one.type))
    ] ?? 'null';

  const condition = (): string =>
    often(0.15)
      ? pick([' @include(if: $yes)', ' @skip(if: $yes)', ' @include(if: $no)', ' @skip(if: false)'])
      : '';

  const selectionSet = (type: GraphQLCompositeType, depth: number): string => {
    const parts: string[] = [];
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    for (let count = 1 + Math.floor(random() * 4); count > 0; count -= 1) {
      const field = fields.length === 0 || often(0.12) ? undefined : pick(fields);
      if (field === undefined) {
        parts.push(`${often(0.3) ? 'kind: ' : ''}__typename`);
        continue;
      }
      const inner = getNamedType(field.type);
      if (isCompositeType(inner) && depth <= 0) continue;
      const given = field.args.filter((one) => String(one.type).endsWith('!') || often(0.5));
      const args =
        given.length === 0 ? '' : `(${given.map((one) => `${one.name}: ${argumentOf(one)}`).join(', ')})`;
      const alias = often(0.2) ? `${pick(['x', 'y', 'id', 'name', 'constructor'])}: ` : '';
      parts.push(
        `${alias}${field.name}${args}${condition()}${isCompositeType(inner) ? ` ${selectionSet(inner, depth - 1)}` : ''}`,
      );
    }
    const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
    if (depth > 0 && often(isAbstractType(type) ? 0.7 : 0.15)) {
      const on = often(0.2) ? type : pick(possible);
      parts.push(`... on ${on.name}${condition()} ${selectionSet(on, depth - 1)}`);
    }
    if (depth > 0 && often(0.1)) {
      const name = `F${fragments.length}`;
      const on = pick([type, ...possible]);
      fragments.push('');
      fragments[Number(name.slice(1))] = `fragment ${name} on ${on.name} ${selectionSet(on, depth - 1)}`;
      parts.push(`...${name}`);
    }
    return `{ ${parts.length === 0 ? '__typename' : parts.join(' ')} }`;
  };
  const body = selectionSet(query, 5);
  return `query Q($yes: Boolean! = true, $no: Boolean = false) ${body} ${fragments.join(' ')}`;
}
