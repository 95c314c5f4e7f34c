// An error as it is logged: what it says and where it happened. Libraries hang whole clients on their errors, with
// statements, values and keys: only what is named here is written.
const FACTS = ['code', 'errno', 'syscall', 'address', 'port', 'constraint', 'table', 'facts'] as const;
const MOST_CAUSES = 4;

export function logError(error: unknown, causes = MOST_CAUSES): unknown {
  if (!(error instanceof Error)) return error;
  const facts = error as Error & Readonly<Record<string, unknown>>;
  return {
    type: error.name,
    message: error.message,
    ...Object.fromEntries(FACTS.flatMap((fact) => (facts[fact] === undefined ? [] : [[fact, facts[fact]]]))),
    ...(error instanceof AggregateError ? { errors: error.errors.map((one) => logError(one, 0)) } : {}),
    stack: error.stack,
    ...(error.cause instanceof Error && causes > 0 ? { cause: logError(error.cause, causes - 1) } : {}),
  };
}
