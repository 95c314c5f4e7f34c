import { getOperationAST, GraphQLError, OperationTypeNode, type FormattedExecutionResult } from 'graphql';
import type { Documents } from './documents.js';
import type { OperationPlans, PlannedOperation } from './operation-plans.js';
import type { RequestContext } from './request-context.js';
import type { SupergraphExecutor, Variables } from './supergraph-executor.js';

export interface DirectOptions {
  readonly documents: Documents;
  readonly plans: OperationPlans;
  readonly executor: SupergraphExecutor;
  present(error: unknown): NonNullable<FormattedExecutionResult['errors']>[number];
}

export interface OperationRequest {
  readonly source: string;
  readonly operationName: string | undefined;
  readonly variables: Variables;
}

/**
 * Answers queries and mutations with which nothing is wrong: a known document, its plan, variables that fit. Undefined
 * before anything is sent where there is more to say; Apollo Server then says it.
 */
export type AnswerDirectly = (
  request: OperationRequest,
  context: RequestContext,
) => Promise<FormattedExecutionResult> | undefined;

export function createDirectOperations(options: DirectOptions): AnswerDirectly {
  const { documents, plans, executor, present } = options;

  const planOf = ({ source, operationName, variables }: OperationRequest): PlannedOperation | undefined => {
    const { document, validate } = documents.examine(source);
    if (document === undefined || validate().length > 0) return undefined;
    if (!getOperationAST(document, operationName)) return undefined;
    try {
      const planned = plans.plan(source, document, operationName);
      if (planned.type === OperationTypeNode.SUBSCRIPTION) return undefined;
      return executor.checkVariables(planned, variables).length > 0 ? undefined : planned;
    } catch (error) {
      if (error instanceof GraphQLError) return undefined;
      throw error;
    }
  };

  const execute = async (
    planned: PlannedOperation,
    variables: Variables,
    context: RequestContext,
  ): Promise<FormattedExecutionResult> => {
    context.outcome.operation = planned.type;
    try {
      const { data, errors, extensions } = await executor.execute(planned, variables, context);
      return {
        ...(errors === undefined ? {} : { errors: errors.map(present) }),
        ...(data === undefined ? {} : { data }),
        ...(extensions === undefined ? {} : { extensions }),
      };
    } catch (error) {
      return { errors: [present(error)] };
    }
  };

  return (request, context) => {
    const planned = planOf(request);
    return planned && execute(planned, request.variables, context);
  };
}
