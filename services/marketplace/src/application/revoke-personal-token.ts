import type { Outcome } from '@weft/errors';
import { isId } from '../domain/id.js';
import type { PersonalToken } from '../domain/personal-token.js';
import type { Caller, Transact } from './ports.js';
import { inOneTransaction, refuse } from './refusal.js';
import { requireWriter } from './rights.js';

/** Ends one of the caller's own tokens, for ever. Revoking a revoked one changes nothing. */
export const revokePersonalToken =
  (transact: Transact) =>
  (caller: Caller, input: { readonly id: string }): Promise<Outcome<PersonalToken>> =>
    inOneTransaction(transact, async (tx) => {
      const userId = requireWriter(caller);
      const token = isId(input.id) ? await tx.tokens.find(input.id, userId) : undefined;
      if (token === undefined) refuse('NOT_FOUND', 'You have no token with this id.', 'input', 'id');
      return token.revokedAt === null ? tx.tokens.revoke(token.id) : token;
    });
