// Keys under which a request may be repeated: the second time it gives what the first one made.
import { refuse } from '@weft/errors';
import type { ItemPorts, ItemRequestKey } from './item-ports.js';

const MAX_KEY = 200;

/** @throws Refusal when it is none. */
export function requireKey(key: string): void {
  if (key.length < 1 || key.length > MAX_KEY || /\p{Cc}/u.test(key))
    refuse(
      'BAD_USER_INPUT',
      `idempotencyKey has 1 to ${MAX_KEY} characters and no control characters.`,
      'input',
      'idempotencyKey',
    );
}

/** @param asked all that the request asks for, but the key. */
export function requestKeyOf(
  { sha256 }: Pick<ItemPorts, 'sha256'>,
  organizationId: string,
  key: string | null | undefined,
  asked: object,
): ItemRequestKey | undefined {
  if (key === null || key === undefined) return undefined;
  requireKey(key);
  return { organizationId, key, inputHash: sha256(JSON.stringify({ ...asked, organizationId })) };
}

export function requireSameRequest(
  known: { readonly inputHash: string },
  inputHash: string | undefined,
): void {
  if (known.inputHash !== inputHash)
    refuse(
      'IDEMPOTENCY_CONFLICT',
      'This key was used for another request; choose a new key for a new request.',
      'input',
      'idempotencyKey',
    );
}

export function repeated(
  known: { readonly itemId: string; readonly inputHash: string },
  inputHash: string | undefined,
): { readonly itemId: string; readonly repeated: boolean } {
  requireSameRequest(known, inputHash);
  return { itemId: known.itemId, repeated: true };
}
