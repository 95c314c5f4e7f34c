import { composeServices } from '@apollo/composition';
import { isEnumType, isInputObjectType, isObjectType, parse, type GraphQLSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { buildMarketplaceSchema } from './schema.js';

const { schema, sdl } = await buildMarketplaceSchema();

describe('the schema of the marketplace', () => {
  it('composes to a public schema that has its entities and no trace of tokenActors', () => {
    const { schema: composed, errors } = composeServices([
      { name: 'marketplace', url: 'http://marketplace', typeDefs: parse(sdl) },
    ]);
    expect(errors).toBeUndefined();
    const api = composed?.toAPISchema().toGraphQLJSSchema() as GraphQLSchema;
    expect(Object.keys(api.getQueryType()?.getFields() ?? {}).sort()).toEqual(
      [
        'me',
        'organization',
        'organizations',
        'personalTokens',
        'service',
        'serviceByName',
        'serviceVersion',
        'services',
        'team',
      ].sort(),
    );
    expect(Object.keys(api.getTypeMap()).filter((name) => name.startsWith('TokenActor'))).toEqual([]);
    for (const entity of ['Organization', 'User', 'Team', 'Service', 'ServiceVersion']) {
      expect(sdl).toMatch(new RegExp(`type ${entity} @key\\(fields: "id"\\)`));
    }
    expect(sdl).toContain('type Artifact @key(fields: "id", resolvable: false)');
  });

  it('describes every type, field, argument and enum value', () => {
    const silent: string[] = [];
    const look = (what: string, described: { description?: string | null | undefined }): void => {
      if (!described.description) silent.push(what);
    };
    for (const type of Object.values(schema.getTypeMap())) {
      if (
        type.name.startsWith('_') ||
        ['Query', 'Mutation'].includes(type.name) ||
        type.name.startsWith('link__') ||
        type.name.startsWith('federation__')
      )
        continue;
      look(type.name, type);
      if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
      if (isInputObjectType(type))
        for (const field of Object.values(type.getFields())) look(`${type.name}.${field.name}`, field);
    }
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type) || type.name.startsWith('_')) continue;
      for (const field of Object.values(type.getFields())) {
        if (field.name.startsWith('_')) continue;
        look(`${type.name}.${field.name}`, field);
        for (const argument of field.args) look(`${type.name}.${field.name}(${argument.name})`, argument);
      }
    }
    expect(silent).toEqual([]);
  });
});
