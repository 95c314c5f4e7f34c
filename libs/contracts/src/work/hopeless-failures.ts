/** Failures of an item that another try of the same cannot change. Whatever else ends it, user code above all, may go otherwise. */
export const HOPELESS_FAILURES: ReadonlySet<string> = new Set([
  'SERVICE_INVALID',
  'RESULT_INVALID',
  'RESULT_TOO_LARGE',
  'RUNTIME_UNAVAILABLE',
  'OPERATION_UNKNOWN',
  'INPUT_SCHEMA_VIOLATION',
  'SECRET_UNREADABLE',
  'REFERENCE_UNKNOWN',
]);
