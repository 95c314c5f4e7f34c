import type { Caller } from '../identity/caller.js';

/** What travels with a client's operation to the subgraphs. */
export interface RequestContext {
  readonly caller: Caller;
  readonly correlationId: string;
  /** Written by the way the operation takes, read by the HTTP edge. */
  readonly outcome: RequestOutcome;
}

export interface RequestOutcome {
  operation: 'query' | 'mutation' | 'subscription' | 'unknown';
  /** A well-formed request whose document or variables were refused. */
  refused: boolean;
}

export const newOutcome = (): RequestOutcome => ({ operation: 'unknown', refused: false });
