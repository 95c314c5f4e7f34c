import type { FetchNode } from '@apollo/query-planner';
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';
import { mergeInto, type DataObject } from './merge.js';
import { compileRequires, type Represent } from './representations.js';
import { objectsAt, pathsAt, type PlanPath } from './response-places.js';
import { applyRewrites } from './rewrites.js';
import type { Run, Step } from './run.js';
import { subgraphError } from './subgraph-error.js';

export interface SubgraphAnswer {
  readonly data?: DataObject | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** Puts an answer of a root fetch into the response. */
export type TakeAnswer = (run: Run, answer: SubgraphAnswer) => void;

/** A fetch of root fields: its answer goes into every object at the path. */
export function compileRootFetch(schema: GraphQLSchema, node: FetchNode, path: PlanPath) {
  const encode = encoder(node);
  const take: TakeAnswer = (run, { data, errors }) => {
    for (const error of errors ?? [])
      run.errors.push(subgraphError(error, node.serviceName, error.path && [...path, ...error.path]));
    if (data === undefined || data === null) return;
    applyRewrites(schema, node.outputRewrites, data);
    for (const object of objectsAt(run.data, path)) mergeInto(object, data);
  };
  const step: Step = guarded(async (run) => {
    if (path.length > 0 && objectsAt(run.data, path).length === 0) return;
    take(run, await send(run, node, encode(run)));
  });
  return { step, take };
}

/** A fetch of entities: each different representation is asked for once, whoever needs it. */
export function compileEntityFetch(schema: GraphQLSchema, node: FetchNode, path: PlanPath): Step {
  const encode = encoder(node);
  const represent = compileRequires(schema, node.requires ?? []);
  return guarded(async (run) => {
    const wanted = wantedEntities(schema, node, represent, objectsAt(run.data, path));
    if (wanted.size === 0) return;
    const groups = [...wanted.values()];
    const { data, errors } = await send(run, node, encode(run, `[${[...wanted.keys()].join(',')}]`));
    if (errors !== undefined) reportErrors(run, node, path, groups, errors);
    if (data === undefined || data === null) return;
    const entities = data['_entities'];
    if (!Array.isArray(entities)) throw new Error('Expected "data._entities" in response to be an array');
    if (entities.length !== groups.length)
      throw new Error(`Expected "data._entities" to contain ${groups.length} elements`);
    for (const [index, group] of groups.entries()) {
      const received = entities[index] as DataObject | null;
      if (received === null) continue;
      for (const { object } of group) received['__typename'] ||= object['__typename'];
      applyRewrites(schema, node.outputRewrites, received);
      for (const { object } of group) mergeInto(object, received);
    }
  });
}

interface Entity {
  readonly object: DataObject;
  /** Which of the objects at the path it is. */
  readonly index: number;
}

// By the representation as text, which is what goes over the wire.
function wantedEntities(
  schema: GraphQLSchema,
  node: FetchNode,
  represent: Represent,
  objects: readonly DataObject[],
): Map<string, Entity[]> {
  const wanted = new Map<string, Entity[]>();
  for (const [index, object] of objects.entries()) {
    const representation = represent(object);
    if (!representation?.['__typename']) continue;
    applyRewrites(schema, node.inputRewrites, representation);
    const text = JSON.stringify(representation);
    const group = wanted.get(text);
    if (group === undefined) wanted.set(text, [{ object, index }]);
    else group.push({ object, index });
  }
  return wanted;
}

function reportErrors(
  run: Run,
  node: FetchNode,
  path: PlanPath,
  groups: readonly (readonly Entity[])[],
  errors: readonly GraphQLFormattedError[],
): void {
  let places: (string | number)[][] | undefined;
  for (const error of errors) {
    const group = typeof error.path?.[1] === 'number' ? groups[error.path[1]] : undefined;
    if (group === undefined) {
      run.errors.push(subgraphError(error, node.serviceName, error.path && [...path, ...error.path]));
      continue;
    }
    places ??= pathsAt(run.data, path);
    for (const { index } of group) {
      const place = [...(places[index] ?? []), ...(error.path ?? []).slice(2)];
      run.errors.push(subgraphError(error, node.serviceName, place));
    }
  }
}

/** The body of a request; the operation's text is encoded once, representations come encoded. */
function encoder({ operation, operationName, variableUsages = [] }: FetchNode) {
  const named = operationName === undefined ? '' : `,"operationName":${JSON.stringify(operationName)}`;
  const head = `{"query":${JSON.stringify(operation)}${named},"variables":{`;
  const names = variableUsages.map((name) => [name, `${JSON.stringify(name)}:`] as const);
  return ({ variables }: Run, representations?: string): string => {
    const parts: string[] = [];
    for (const [name, encoded] of names) {
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (value !== undefined) parts.push(encoded + JSON.stringify(value));
    }
    if (representations !== undefined) parts.push(`"representations":${representations}`);
    return `${head}${parts.join(',')}}}`;
  };
}

async function send(run: Run, node: FetchNode, body: string): Promise<SubgraphAnswer> {
  const source = run.sources.get(node.serviceName);
  if (source === undefined) throw new Error(`Couldn't find service with name "${node.serviceName}"`);
  const answer = await source.send({ body, repeatable: node.operationKind !== 'mutation' }, run.context);
  return answer as SubgraphAnswer;
}

const guarded =
  (step: Step): Step =>
  async (run) => {
    try {
      await step(run);
    } catch (error) {
      run.errors.push(error);
    }
  };
