import { outcomeOf, type Outcome } from '@weft/errors';
import type { Transact, Transaction } from './ports.js';

export { accepted, refuse, refuseFor } from '@weft/errors';

/** A use case: one transaction, whose refusal rolls it back and becomes the outcome. */
export const inOneTransaction = <T>(
  transact: Transact,
  work: (tx: Transaction) => Promise<T>,
): Promise<Outcome<T>> => outcomeOf(() => transact(work));
