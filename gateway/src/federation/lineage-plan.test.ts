import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { nobody } from '../identity/caller.js';
import { createOperationPlans } from './operation-plans.js';
import { newOutcome } from './request-context.js';
import type { SubgraphSource } from './subgraph-source.js';
import { createSupergraphExecutor } from './supergraph-executor.js';
import { readSupergraph } from './supergraph.js';

const graph = readSupergraph(readFileSync(resolve(import.meta.dirname, '../../supergraph.graphql'), 'utf8'));
const NODES = 100;

const LINEAGE = `{ lineage(input: { start: "a", direction: UPSTREAM }) { edges { hop node { id
  ... on Activity { job { state } } ... on Item { organization { name } } } } } }`;

/** Answers in the words of a subgraph: half of the nodes are activities, half are items. */
const nodes = Array.from({ length: NODES }, (_, n) => ({
  hop: 1,
  node:
    n % 2 === 0
      ? { __typename: 'Activity', id: `n${n}`, job: { __typename: 'Job', id: `j${n}` } }
      : { __typename: 'Item', id: `n${n}`, organization: { __typename: 'Organization', id: 'o' } },
}));

test('a page of lineage with its jobs asks each subgraph once', async () => {
  const sent: { name: string; representations: readonly { __typename: string; id: string }[] }[] = [];
  const sourceOf = (name: string): SubgraphSource => {
    const source: SubgraphSource = {
      send: ({ body }) => {
        const { variables = {} } = JSON.parse(body) as {
          variables?: Record<string, readonly { __typename: string; id: string }[]>;
        };
        const representations = Object.values(variables).flat();
        sent.push({ name, representations });
        // The gateway gives names of its own to fields with arguments.
        const field = /(\w+):lineage\(/.exec(body)?.[1] ?? 'lineage';
        const entities = representations.map((one) => ({
          ...one,
          state: 'SUCCEEDED',
          name: 'ACME',
        }));
        return Promise.resolve({
          data: name === 'registry' ? { [field]: { edges: nodes } } : { _entities: entities },
        } as never);
      },
      fetch: ({ query, variables }, context) =>
        source.send({ body: JSON.stringify({ query, variables }), repeatable: true }, context),
      process: ({ request: { query, variables }, context }) =>
        source.fetch({ query: query as string, variables: variables as never }, context as never),
    };
    return source;
  };
  const byName = new Map(graph.subgraphs.map(({ name }) => [name, sourceOf(name)]));
  const executor = createSupergraphExecutor(graph, { byName, close: () => Promise.resolve() });
  const plans = createOperationPlans(graph, () => undefined);
  expect(validate(graph.schema, parse(LINEAGE))).toEqual([]);
  const { data, errors } = await executor.execute(
    plans.plan(LINEAGE, parse(LINEAGE), undefined),
    {},
    { caller: nobody, correlationId: 'c', outcome: newOutcome() },
  );
  expect(errors).toBeUndefined();
  expect(JSON.stringify(data).split('"state":"SUCCEEDED"')).toHaveLength(NODES / 2 + 1);
  const asked = (name: string) => sent.filter((one) => one.name === name);
  expect(['registry', 'jobs', 'marketplace'].map((name) => asked(name).length)).toEqual([1, 1, 1]);
  expect(asked('jobs')[0]?.representations).toHaveLength(NODES / 2);
});
