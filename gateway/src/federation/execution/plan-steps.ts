import { evaluateCondition, type PlanNode } from '@apollo/query-planner';
import type { Operation } from '@apollo/federation-internals';
import type { GraphQLSchema } from 'graphql';
import { compileEntityFetch, compileRootFetch } from './fetch-step.js';
import type { PlanPath } from './response-places.js';
import type { Step } from './run.js';

/** A plan that this executor does not serve; the stock one takes it. */
export class UnusualPlan extends Error {}

const PLAIN_STEP = /^(@|[_A-Za-z]\w*)$/;

/** Compiles a node of a plan, whose fetches then happen at the path. */
export function compileNode(
  schema: GraphQLSchema,
  operation: Operation,
  node: PlanNode,
  path: PlanPath = [],
): Step {
  const compile = (inner: PlanNode): Step => compileNode(schema, operation, inner, path);
  switch (node.kind) {
    case 'Sequence': {
      const steps = node.nodes.map(compile);
      return async (run) => {
        for (const step of steps) await step(run);
      };
    }
    case 'Parallel': {
      const steps = node.nodes.map(compile);
      return async (run) => {
        await Promise.all(steps.map((step) => step(run)));
      };
    }
    case 'Flatten':
      if (!node.path.every((step) => PLAIN_STEP.test(String(step))))
        throw new UnusualPlan(node.path.join('.'));
      return compileNode(schema, operation, node.node, [...path, ...node.path]);
    case 'Fetch':
      if (node.contextRewrites !== undefined && node.contextRewrites.length > 0)
        throw new UnusualPlan('a fetch with context');
      return node.requires === undefined
        ? compileRootFetch(schema, node, path).step
        : compileEntityFetch(schema, node, path);
    case 'Condition': {
      const [yes, no] = [node.ifClause, node.elseClause].map((one) => one && compile(one));
      return async (run) => {
        const holds = evaluateCondition(node, operation.variableDefinitions, { ...run.variables });
        await (holds ? yes : no)?.(run);
      };
    }
    case 'Defer':
      throw new UnusualPlan('@defer');
  }
}
