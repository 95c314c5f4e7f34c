export { ERROR_CODES, isErrorCode, type ErrorCode, type ErrorCodeEntry } from './codes.js';
export { AppError, assertNever, presentError, type ErrorFacts, type PresentedError } from './app-error.js';
export { done, refused, userError, type Outcome, type UserError } from './user-error.js';
export { accepted, outcomeOf, refuse, refuseFor } from './refusal.js';
