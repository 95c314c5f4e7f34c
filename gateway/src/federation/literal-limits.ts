import { AppError } from '@weft/errors';
import { isKept, messageOfLost } from '../http/json-numbers.js';
import { visit, type DocumentNode, type IntValueNode, type FloatValueNode } from 'graphql';

/**
 * The query planner visits what is in a list twice (`collectVariablesInValue` of @apollo/federation-internals 2.14.4),
 * so each list within a list doubles its work: a document of 100 characters would hold the process for hours.
 */
const MAX_LISTS = 6;
/** Values are walked by recursion, here and in the planner. */
const MAX_NESTING = 100;

/** Refuses values written into a document that are too deep for the planner, or that JSON cannot carry. */
export function checkLiterals(document: DocumentNode): void {
  let lists = 0;
  let nesting = 0;
  const into = (list: number): void => {
    lists += list;
    nesting += 1;
    if (lists <= MAX_LISTS && nesting <= MAX_NESTING) return;
    throw new AppError(
      'QUERY_TOO_COMPLEX',
      `A value in the document is nested too deeply: ${MAX_LISTS} lists and ${MAX_NESTING} levels are allowed. Pass it as a variable.`,
    );
  };
  const outOf = (list: number): void => {
    lists -= list;
    nesting -= 1;
  };
  const kept = (node: IntValueNode | FloatValueNode): void => {
    if (!isKept(node.value)) throw new AppError('BAD_USER_INPUT', messageOfLost(node.value, 'the document'));
  };
  visit(document, {
    ListValue: { enter: () => into(1), leave: () => outOf(1) },
    ObjectValue: { enter: () => into(0), leave: () => outOf(0) },
    IntValue: { enter: kept },
    FloatValue: { enter: kept },
  });
}
