// What a subgraph points to is shown by its home, and only to whoever may see it there. Where the pointer is not nullable, one
// user, organization or file that the caller may not see takes the whole answer around it away.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';

const HOMES: Readonly<Record<string, string>> = {
  User: 'marketplace',
  Organization: 'marketplace',
  Team: 'marketplace',
  Service: 'marketplace',
  ServiceVersion: 'marketplace',
  Artifact: 'execution',
  Target: 'execution',
  Job: 'jobs',
  Batch: 'jobs',
  JobDefinition: 'jobs',
  Item: 'registry',
  DataPool: 'registry',
  DataPoolFile: 'registry',
};

/** `jobLogs` is refused to whoever may not see the job. */
const SEEN = ['JobLogsPayload.job'];

/** Fields of a subgraph's schema that promise what another subgraph may refuse. */
const promises = (subgraph: string, sdl: string): string[] =>
  parse(sdl).definitions.flatMap((type) =>
    type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.INTERFACE_TYPE_DEFINITION
      ? (type.fields ?? []).flatMap((field) => {
          if (field.type.kind !== Kind.NON_NULL_TYPE || field.type.type.kind !== Kind.NAMED_TYPE) return [];
          const home = HOMES[field.type.type.name.value];
          return home === undefined || home === subgraph ? [] : [`${type.name.value}.${field.name.value}`];
        })
      : [],
  );

describe('a field whose value another subgraph may refuse is nullable', () => {
  it.each(['jobs', 'execution', 'registry', 'marketplace'])('in %s', (subgraph) => {
    const path = fileURLToPath(new URL(`../../../services/${subgraph}/schema.graphql`, import.meta.url));
    const found = promises(subgraph, readFileSync(path, 'utf8'));
    expect(found.filter((field) => !SEEN.includes(field))).toEqual([]);
  });

  it('would be found', () => {
    expect(promises('registry', 'type Lock { user: User! item: Item! by: User }')).toEqual(['Lock.user']);
  });
});
