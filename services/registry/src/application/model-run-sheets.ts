// CSV that the registry gives: empty for a template, or with what became of each row.
import { AppError, outcomeOf, type Outcome } from '@weft/errors';
import { hasScope, organizationIds } from '@weft/identity';
import {
  cellsOf,
  headerOf,
  rowWithJob,
  withJobColumns,
  type SheetTemplate,
} from '../domain/model-run-sheet.js';
import { principalsOf } from '../domain/principal.js';
import type { BulkReader, BulkRegistration, BulkRow } from './bulk-ports.js';
import type { Caller } from './item-ports.js';
import { inWords } from './register-bulk-rows.js';
import { templateFor, type BulkPorts } from './register-model-runs.js';
import { sheetTemplateOf } from './sheet-template.js';

const ROWS_AT_ONCE = 1_000;

/** The header of a sheet in which runs of this template are to be entered. */
export const modelRunTemplateCsv =
  (ports: BulkPorts) =>
  ({ actor }: Caller, workflowTemplateId: string): Promise<Outcome<string>> =>
    outcomeOf(async () => {
      requireRead(actor);
      const principals = principalsOf(actor);
      const { sheet } = await ports.transact((tx) => templateFor(tx, { principals }, workflowTemplateId));
      return ports.sheets.write(actor.id, [headerOf(sheet)]);
    });

/** The sheet as it was given, each row with its job, its state, its run, or its errors. Null: there is none to be seen. */
export const modelRunBatchCsv =
  (ports: BulkPorts, reader: BulkReader) =>
  async ({ actor }: Caller, batchId: string): Promise<string | null> => {
    requireRead(actor);
    const viewer = { principals: principalsOf(actor), organizations: organizationIds(actor) };
    const bulk = await reader.bulk(viewer, batchId);
    if (bulk === undefined) return null;
    const template = bulk.header === null ? await templateNow(ports, viewer.principals, bulk) : undefined;
    const header = withJobColumns(bulk.header ?? (template === undefined ? [] : headerOf(template)));
    const sheet = [header];
    for (let after: number | undefined; ;) {
      const rows = await reader.bulkRows(viewer, batchId, { first: ROWS_AT_ONCE, after, states: undefined });
      for (const row of rows.slice(0, ROWS_AT_ONCE)) {
        sheet.push(cellsNow(row, header, template));
      }
      if (rows.length <= ROWS_AT_ONCE) return ports.sheets.write(actor.id, sheet);
      after = rows[ROWS_AT_ONCE - 1]?.row;
    }
  };

/** A row that the viewer may not read has a job and a state only; what was skipped is as it was given. */
function cellsNow(row: BulkRow, header: readonly string[], template: SheetTemplate | undefined): string[] {
  const cells = row.cells ?? (template === undefined || row.isHidden ? [] : cellsOf(row.record, template));
  return row.state === 'SKIPPED' && !row.isHidden ? [...cells] : rowWithJob(header, cells, jobCells(row));
}

/** The columns for records that came without a sheet; undefined: the caller may no longer see the template. */
const templateNow = (ports: BulkPorts, principals: readonly string[], { templateId }: BulkRegistration) =>
  ports.transact(async (tx) => {
    const [item] = await tx.named([templateId], principals, null);
    return item?.metadata == null ? undefined : sheetTemplateOf(tx, principals, item);
  });

const jobCells = ({ jobId, state, runPid, errors }: BulkRow) => ({
  _job_id: jobId ?? '',
  _job_status: state,
  _model_run_id: runPid ?? '',
  _error: errors === null ? '' : inWords(errors),
});

function requireRead(actor: Caller['actor']): void {
  if (!hasScope(actor, 'read'))
    throw new AppError('FORBIDDEN', 'Reading needs a token with the scope "read".', { scope: 'read' });
}
