import { operationFromDocument, type CompositeType, type Operation } from '@apollo/federation-internals';
import type { QueryPlan, SubscriptionNode } from '@apollo/query-planner';
import {
  executeSync,
  GraphQLError,
  Kind,
  OperationTypeNode,
  visit,
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { atPublicPath } from '../private-names.js';
import type { FederatedGraph } from '../supergraph.js';
import { compileRootFetch, type SubgraphAnswer } from './fetch-step.js';
import { compileNode, UnusualPlan } from './plan-steps.js';
import { compileShape, type Shape } from './result-shape.js';
import type { Run, Step, Variables } from './run.js';
import { conditionVariables, type SelectedField } from './shape-fields.js';

/** An operation with its plan, compiled for being executed many times. */
export interface CompiledOperation {
  /** Executes the plan; of a subscription, with the payload in the place of its first fetch. */
  execute(run: Run, payload?: SubgraphAnswer): Promise<ExecutionResult>;
}

export interface CompileRequest {
  readonly graph: FederatedGraph;
  readonly operation: OperationDefinitionNode;
  readonly fragments: readonly FragmentDefinitionNode[];
  readonly publicNames: ReadonlyMap<string, string>;
  readonly plan: QueryPlan;
}

/** Undefined for a plan with something unusual in it, which is left to the stock executor. */
export function compileOperation(request: CompileRequest): CompiledOperation | undefined {
  try {
    return compile(request);
  } catch (error) {
    if (error instanceof UnusualPlan) return undefined;
    throw error;
  }
}

function compile({
  graph,
  operation: node,
  fragments,
  publicNames,
  plan,
}: CompileRequest): CompiledOperation {
  const document = { kind: Kind.DOCUMENT, definitions: [node, ...fragments] } as const;
  const operation = operationFromDocument(graph.apiSchema, document, { validate: false });
  const fetchAll = compilePlan(graph.supergraphSchema, operation, plan);
  const shapeFor = shapesOf(operation, publicNames);
  return {
    async execute(run, payload) {
      await fetchAll(run, payload);
      const errors: GraphQLError[] = [];
      const introspect = (selection: SelectedField['selection']): unknown =>
        answerIntrospection(graph.schema, node, selection, run.variables);
      let data: ExecutionResult['data'];
      try {
        data = shapeFor(run.variables).apply(run.data, { errors, path: [], introspect });
      } catch (error) {
        return { errors: [asGraphQLError(error)] };
      }
      if (run.errors.length > 0)
        return { errors: run.errors.map((error) => placed(error, publicNames)), data };
      return errors.length > 0 ? { data, extensions: { valueCompletion: errors } } : { data };
    },
  };
}

function compilePlan(
  schema: GraphQLSchema,
  operation: Operation,
  plan: QueryPlan,
): (run: Run, payload: SubgraphAnswer | undefined) => Promise<void> {
  if (plan.node === undefined) return () => Promise.resolve();
  if (plan.node.kind === 'Subscription') return compileSubscription(schema, operation, plan.node);
  return compileNode(schema, operation, plan.node);
}

function compileSubscription(
  schema: GraphQLSchema,
  operation: Operation,
  { primary, rest }: SubscriptionNode,
) {
  const { take } = compileRootFetch(schema, primary, []);
  const step: Step | undefined = rest && compileNode(schema, operation, rest);
  return async (run: Run, payload: SubgraphAnswer | undefined): Promise<void> => {
    if (payload === undefined) throw new Error('A subscription is executed for a payload of its subgraph');
    take(run, payload);
    await step?.(run);
  };
}

const asGraphQLError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError
    ? error
    : new GraphQLError(String(error), { originalError: error instanceof Error ? error : undefined });

/** An error at the place that the client knows; errors of ours stay what they are, for their presenter. */
function placed(error: unknown, publicNames: ReadonlyMap<string, string>): GraphQLError {
  if (!(error instanceof GraphQLError)) return error as GraphQLError;
  return publicNames.size === 0 ? error : atPublicPath(error, publicNames);
}

// More than these would be an attack on memory; the others are compiled each time.
const MAX_SHAPES = 16;

/** The shapes of an operation, one for each set of values that its conditions have had. */
function shapesOf(operation: Operation, publicNames: ReadonlyMap<string, string>) {
  const schema = operation.schema();
  const root = schema.schemaDefinition.rootType(operation.rootKind) as CompositeType;
  const conditions = conditionVariables(operation.selectionSet);
  const defaults = operation.collectDefaultedVariableValues();
  const shapes = new Map<string, Shape>();
  return (given: Variables): Shape => {
    const variables: Record<string, unknown> = {};
    for (const name of conditions) {
      const value = Object.hasOwn(given, name) ? given[name] : defaults[name];
      if (typeof value !== 'boolean') throw new Error(`Variable "$${name}" has no value for a condition`);
      variables[name] = value;
    }
    const key = conditions.map((name) => Number(variables[name])).join('');
    const known = shapes.get(key);
    if (known !== undefined) return known;
    const shape = compileShape(schema, operation.selectionSet, root, publicNames, variables);
    if (shapes.size < MAX_SHAPES) shapes.set(key, shape);
    return shape;
  };
}

function answerIntrospection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  selection: SelectedField['selection'],
  variables: Variables,
): unknown {
  const field = selection.expandFragments().toSelectionNode() as FieldNode;
  const used = new Set<string>();
  visit(field, { Variable: ({ name }) => void used.add(name.value) });
  const { data, errors } = executeSync({
    schema,
    document: {
      kind: Kind.DOCUMENT,
      definitions: [
        {
          kind: Kind.OPERATION_DEFINITION,
          operation: OperationTypeNode.QUERY,
          variableDefinitions: operation.variableDefinitions?.filter((one) =>
            used.has(one.variable.name.value),
          ),
          selectionSet: { kind: Kind.SELECTION_SET, selections: [field] },
        },
      ],
    },
    rootValue: {},
    variableValues: variables,
  });
  if (errors !== undefined && errors.length > 0)
    throw new Error(`Introspection failed: ${errors[0]?.message}`);
  return data?.[field.alias?.value ?? field.name.value];
}
