import { AppError } from '@weft/errors';
import { GraphQLError, Kind, parse, validate, type DocumentNode, type GraphQLSchema } from 'graphql';
import { checkLiterals } from './literal-limits.js';
import { withCode } from './present-graphql-error.js';
import { checkQueryLimits, type QueryLimits } from './query-limits.js';
import { Recent } from './recent.js';

/** What is known of a document before anything is executed. */
export interface ExaminedDocument {
  /** Absent: the text has a syntax error, or the document is over a limit. */
  readonly document: DocumentNode | undefined;
  readonly error: unknown;
  /** Only `__schema`, `__type` and `__typename` of the query type: answered by the gateway alone. */
  readonly introspectionOnly: boolean;
  /** Validation errors; computed when first asked for. */
  validate(): readonly GraphQLError[];
}

export interface Documents {
  examine(source: string): ExaminedDocument;
}

const MAX_DOCUMENTS = 1_000;
const MAX_CHARACTERS = 2_000_000;

/** Parses, measures and validates documents, each of them once. */
export function createDocuments(
  schema: GraphQLSchema,
  limits: QueryLimits,
  maxTokens: number,
  introspection: boolean,
): Documents {
  const examined = new Recent<ExaminedDocument>(MAX_DOCUMENTS, MAX_CHARACTERS);

  const examine = (source: string): ExaminedDocument => {
    try {
      const document = parse(source, { maxTokens });
      checkQueryLimits(document, limits);
      checkLiterals(document);
      let errors: readonly GraphQLError[] | undefined;
      return {
        document,
        error: undefined,
        introspectionOnly: isIntrospectionOnly(document),
        validate: () =>
          (errors ??= [
            ...(introspection ? [] : refuseIntrospection(document)),
            ...validate(schema, document),
          ]),
      };
    } catch (error) {
      return { document: undefined, error: readable(error), introspectionOnly: false, validate: () => [] };
    }
  };

  return {
    examine(source) {
      const known = examined.get(source);
      if (known !== undefined) return known;
      const result = examine(source);
      examined.set(source, result, source.length);
      return result;
    },
  };
}

function readable(error: unknown): unknown {
  const tooMany =
    error instanceof GraphQLError && /^Syntax Error: Document contains more tha/.test(error.message);
  // Not as a syntax error: whoever parses the text again has more of the stack left, and would go on with it.
  if (error instanceof RangeError)
    return new AppError(
      'QUERY_TOO_COMPLEX',
      'The document is nested too deeply. Pass large values as variables.',
    );
  if (!tooMany) return withCode(error, 'GRAPHQL_PARSE_FAILED');
  return new AppError(
    'QUERY_TOO_COMPLEX',
    'The document is longer than the gateway allows. Split it into several.',
  );
}

/** Operations that need no subgraph may be asked by anyone, so that Apollo Sandbox can load the schema. */
function isIntrospectionOnly(document: DocumentNode): boolean {
  return document.definitions.every(
    (definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ||
      (definition.kind === Kind.OPERATION_DEFINITION &&
        definition.operation === 'query' &&
        definition.selectionSet.selections.every(
          (selection) =>
            selection.kind === Kind.FIELD && /^__(schema|type|typename)$/.test(selection.name.value),
        )),
  );
}

function refuseIntrospection(document: DocumentNode): GraphQLError[] {
  const asks = document.definitions.some(
    (definition) =>
      'selectionSet' in definition &&
      definition.selectionSet.selections.some(
        (selection) => selection.kind === Kind.FIELD && /^__(schema|type)$/.test(selection.name.value),
      ),
  );
  return asks ? [new GraphQLError('Introspection is off.')] : [];
}
