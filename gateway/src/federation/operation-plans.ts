import { buildOperationContext } from '@apollo/gateway';
import { operationFromDocument } from '@apollo/federation-internals';
import type { QueryPlan, SubscriptionNode } from '@apollo/query-planner';
import {
  GraphQLError,
  OperationTypeNode,
  type DocumentNode,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
} from 'graphql';
import { compileOperation, type CompiledOperation } from './execution/compiled-operation.js';
import { readLiveFields, type LiveField } from './live-directive.js';
import { makeResumable, type Resumption } from './live-plan.js';
import { namePrivately } from './private-names.js';
import { Recent } from './recent.js';
import type { FederatedGraph } from './supergraph.js';

type OperationContext = ReturnType<typeof buildOperationContext>;

/** An operation of a client, planned once and executed many times. */
export interface PlannedOperation {
  readonly type: OperationTypeNode;
  /** The client's operation under the planner's private names; the result is shaped by it. */
  readonly context: OperationContext;
  readonly publicNames: ReadonlyMap<string, string>;
  readonly variableDefinitions: readonly VariableDefinitionNode[];
  readonly plan: QueryPlan;
  /** Undefined: the plan is for Apollo's executor. */
  readonly compiled: CompiledOperation | undefined;
  /** Of a subscription: the plan's root. */
  readonly subscription: SubscriptionNode | undefined;
  /** Of a subscription that can be resumed. */
  readonly resumption: Resumption | undefined;
}

export interface OperationPlans {
  /** The plan of a validated document; kept, because making one costs as much as several requests. */
  plan(source: string, document: DocumentNode, operationName: string | undefined): PlannedOperation;
}

const MAX_PLANS = 1_000;
// Characters of GraphQL whose plans are kept; a plan weighs some ten times its document.
const MAX_PLANNED_CHARACTERS = 2_000_000;

export function createOperationPlans(graph: FederatedGraph, warn: (message: string) => void): OperationPlans {
  const plans = new Recent<PlannedOperation>(MAX_PLANS, MAX_PLANNED_CHARACTERS);
  const liveFields = readLiveFields(graph.document, graph.schema, warn);

  return {
    plan(source, document, operationName) {
      const key = `${operationName ?? ''} ${source}`;
      const known = plans.get(key);
      if (known !== undefined) return known;
      const planned = planOperation(graph, liveFields, document, operationName);
      plans.set(key, planned, source.length);
      return planned;
    },
  };
}

function planOperation(
  graph: FederatedGraph,
  liveFields: ReadonlyMap<string, LiveField>,
  original: DocumentNode,
  operationName: string | undefined,
): PlannedOperation {
  const { document, publicNames } = namePrivately(original, graph.schema);
  const context = buildOperationContext({ schema: graph.schema, operationDocument: document, operationName });
  const operation = context.operation;
  const planOf = (planned: DocumentNode): QueryPlan =>
    graph.planner.buildQueryPlan(operationFromDocument(graph.apiSchema, planned, { operationName }));
  const compile = (plan: QueryPlan): CompiledOperation | undefined =>
    compileOperation({ graph, operation, fragments: Object.values(context.fragments), publicNames, plan });
  const common = {
    type: operation.operation,
    context,
    publicNames,
    variableDefinitions: operation.variableDefinitions ?? [],
  };
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
    const plan = planOf(document);
    return { ...common, plan, compiled: compile(plan), subscription: undefined, resumption: undefined };
  }
  const live = liveFields.get(rootField(operation));
  const { document: planned, resumption } =
    live === undefined ? { document, resumption: undefined } : makeResumable(document, operation, live);
  const plan = planOf(planned);
  if (plan.node?.kind !== 'Subscription') {
    throw new GraphQLError('This subscription selects nothing that a subgraph could send', {
      nodes: [operation],
    });
  }
  return { ...common, plan, compiled: compile(plan), subscription: plan.node, resumption };
}

function rootField(operation: OperationDefinitionNode): string {
  const [field] = operation.selectionSet.selections;
  // Under a fragment the field keeps working, only not resumably.
  return field?.kind === 'Field' ? field.name.value : '';
}
