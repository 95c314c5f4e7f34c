import { outcomeOf, refuse, refuseFor, type Outcome } from '@weft/errors';
import { hasRole } from '@weft/identity';
import { reasonProblems } from '../domain/text-rules.js';
import type { ImportPorts } from './import-ports.js';
import type { Caller } from './item-ports.js';
import { writerOf } from './item-rights.js';

export interface WithdrawRecordInput {
  readonly id: string;
  readonly reason: string;
}

export interface WithdrawnRecord {
  readonly recordId: string;
}

/**
 * Takes an import back: what it alone asserts leaves the graph, the record stays as a tombstone. Who may import for its
 * organization may do this. Doing it again changes nothing.
 */
export const withdrawRecord =
  ({ transactWithdrawal }: Pick<ImportPorts, 'transactWithdrawal'>) =>
  (caller: Caller, { id, reason }: WithdrawRecordInput): Promise<Outcome<WithdrawnRecord>> =>
    outcomeOf(() =>
      transactWithdrawal(async (tx) => {
        const writer = writerOf(caller);
        refuseFor(reasonProblems(reason, 'input', 'reason'));
        const record = await tx.lockImport(id, writer.principals);
        if (record === undefined)
          refuse(
            'NOT_FOUND',
            'You may see no import with this id. What was lodged otherwise is withdrawn with its item.',
            'input',
            'id',
          );
        if (record.parentId !== null)
          refuse(
            'BAD_USER_INPUT',
            `This is a bundle of a document, and goes with that: withdraw the record ${record.parentId}.`,
            'input',
            'id',
          );
        if (!hasRole(writer.actor, record.organizationId, 'MAINTAINER'))
          refuse('FORBIDDEN', 'This needs the role MAINTAINER in the organization.', 'input', 'id');
        if (record.withdrawn) return { recordId: record.id };
        // Nobody adds statements meanwhile: so only who may withdraw makes others wait.
        await tx.holdStatements();
        await tx.withdraw(record, { by: writer.userId, reason });
        return { recordId: record.id };
      }),
    );
