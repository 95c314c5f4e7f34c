import type { Tx } from '@weft/database';

// Who writes nodes first looks what is known of them; who learns something of nodes then changes those that are there. Would
// both go at once, neither might see the other: so the many who write share this lock and the few who learn have it alone.
const LOCK = `hashtext('registry nodes')`;

/**
 * Those who add statements of records take turns with those who take some away: else an edge might go while another record
 * begins to assert it.
 */
export const lockStatements = async (tx: Tx, how: 'adding' | 'changing'): Promise<void> => {
  const share = how === 'adding' ? '_shared' : '';
  await tx.query({
    name: `statements-lock-${how}`,
    text: `select pg_advisory_xact_lock${share}(hashtext('weft-record-statements'))`,
  });
};

/** From here to the end of the transaction, nothing is learnt of nodes that this one cannot see. */
export const shareNodes = async (tx: Tx): Promise<void> => {
  await tx.query({ name: 'nodes-share', text: `select pg_advisory_xact_lock_shared(${LOCK})` });
};

/** From here to the end of the transaction, no nodes are recorded that this one cannot see. */
export const holdNodes = async (tx: Tx): Promise<void> => {
  await tx.query({ name: 'nodes-hold', text: `select pg_advisory_xact_lock(${LOCK})` });
};
