// Many runs at once: one batch, a job for each record. The text is read here; every record is judged by its own job.
import {
  outcomeOf,
  refuse,
  refuseFor,
  userError,
  accepted,
  type Outcome,
  type UserError,
} from '@weft/errors';
import { readHeader, type SheetTemplate } from '../domain/model-run-sheet.js';
import { isStorable, shapeViolations } from '../domain/item-types/index.js';
import { textAt } from '../domain/item-types/places.js';
import { namingProblem, type NamedItem } from '../domain/model-run-rules.js';
import { normalizeReference } from '../domain/item.js';
import { nameProblems, shortened } from '../domain/text-rules.js';
import { BULK_OPERATION } from '../domain/activity-workflow.js';
import type { BulkHead, NewBulkRow, SheetDesk } from './bulk-ports.js';
import type { Metadata } from './item-content.js';
import type { Caller } from './item-ports.js';
import { ownerOrganization, writerOf, type Writer } from './item-rights.js';
import type { ModelRunPorts, ModelRunWork } from './model-run-ports.js';
import { requestKeyOf, requireSameRequest } from './request-key.js';
import { sheetTemplateOf } from './sheet-template.js';

export interface RegisterModelRunsInput {
  readonly organizationId?: string | null;
  readonly workflowTemplateId: string;
  readonly csv?: string | null;
  readonly records?: readonly Metadata[] | null;
  readonly batchName?: string | null;
  readonly idempotencyKey?: string | null;
}

export interface AskedRuns {
  readonly batchId: string;
  readonly repeated: boolean;
  readonly warnings: readonly string[];
}

export const MOST_RUNS = 10_000;
/** As much as a request may have. */
export const LONGEST_CSV = 8_000_000;

export interface BulkPorts extends ModelRunPorts {
  readonly sheets: SheetDesk;
}

export const registerModelRuns =
  (ports: BulkPorts) =>
  (caller: Caller, input: RegisterModelRunsInput): Promise<Outcome<AskedRuns>> =>
    outcomeOf(async () => {
      const writer = writerOf(caller);
      const organizationId = ownerOrganization(writer, input.organizationId, 'input', 'organizationId');
      const { idempotencyKey, ...asked } = input;
      const key = requestKeyOf(ports, organizationId, idempotencyKey, asked) ?? null;
      const sheet = await givenSheet(ports, writer, input);
      return ports.transact(async (tx) => {
        const known = key === null ? undefined : await tx.takeBulkKey(key);
        if (known !== undefined) {
          requireSameRequest(known, key?.inputHash);
          return { batchId: known.id, repeated: true, warnings: [] };
        }
        const { item, sheet: template } = await templateFor(tx, writer, input.workflowTemplateId);
        const { rows, warnings } =
          sheet === null ? rowsOfRecords(ports, input.records ?? []) : rowsOfSheet(ports, sheet, template);
        const name = input.batchName ?? shortened(`Model runs of ${item.name}`);
        refuseFor(nameProblems(name, 'input', 'batchName'));
        const head: BulkHead = {
          ...{
            id: ports.newId(),
            organizationId,
            createdBy: writer.userId,
            name,
            templateKey: item.key,
            key,
          },
          principals: writer.principals,
          header: sheet?.[0] ?? null,
          correlationId: caller.correlationId,
        };
        await tx.insertBulk(head, rows);
        await tx.tellBulk(head, jobsOf(head.id, rows));
        return { batchId: head.id, repeated: false, warnings };
      });
    });

/** The jobs of rows for which one is to run. */
export const jobsOf = (
  batchId: string,
  rows: readonly Pick<NewBulkRow, 'row' | 'label' | 'jobId' | 'state'>[],
) =>
  rows.flatMap(({ row, label, jobId, state }) =>
    jobId === null || state !== 'PENDING'
      ? []
      : [{ jobId, name: label, operation: BULK_OPERATION, params: { batchId, row } }],
  );

/** The rows of the CSV; null: there are records. */
async function givenSheet(
  { sheets }: BulkPorts,
  { userId }: Writer,
  { csv, records }: RegisterModelRunsInput,
): Promise<string[][] | null> {
  if ((csv == null) === (records == null))
    refuse('BAD_USER_INPUT', 'Give either csv or records.', 'input', 'csv');
  if (records != null) {
    const problem = amountProblem(records.length);
    if (problem !== undefined) refuse('BAD_USER_INPUT', problem, 'input', 'records');
    return null;
  }
  const text = csv ?? '';
  if (text.length > LONGEST_CSV)
    refuse('PAYLOAD_TOO_LARGE', `csv has at most ${LONGEST_CSV} characters. Divide it.`, 'input', 'csv');
  return accepted(await sheets.read(userId, text));
}

const amountProblem = (count: number): string | undefined =>
  count >= 1 && count <= MOST_RUNS
    ? undefined
    : `1 to ${MOST_RUNS} runs are registered at once, not ${count}. Divide them.`;

/** A workflow template that the writer may register runs of. */
export async function templateFor(
  tx: ModelRunWork,
  { principals }: Pick<Writer, 'principals'>,
  reference: string,
): Promise<{ readonly item: NamedItem; readonly sheet: SheetTemplate }> {
  const [item] = await tx.named([normalizeReference(reference)], principals, null);
  const problem = namingProblem(item, ['MODEL_RUN_WORKFLOW_TEMPLATE'], new Set());
  if (item === undefined || problem !== undefined)
    refuse('ITEM_REFERENCE_INVALID', problem ?? '', 'input', 'workflowTemplateId');
  return { item, sheet: await sheetTemplateOf(tx, principals, item) };
}

interface GivenRows {
  readonly rows: readonly NewBulkRow[];
  readonly warnings: readonly string[];
}

const rowsOfRecords = ({ newId }: BulkPorts, records: readonly Metadata[]): GivenRows => {
  const rows = records.map((record, at) => rowOf(newId, at + 1, record, null));
  requireWork(rows, 'records');
  return { rows, warnings: [] };
};

function rowsOfSheet({ newId }: BulkPorts, sheet: string[][], template: SheetTemplate): GivenRows {
  const header = sheet[0] ?? [];
  const { problems, warnings, recordOf } = readHeader(header, template);
  refuseFor([
    ...unstorableCells(header, 'input', 'csv').map((one) => ({ ...one, message: `Row 1: ${one.message}` })),
    ...problems.map(({ column, message }) =>
      userError(
        'CSV_MALFORMED',
        `Row 1${column === null ? '' : `, column ${column + 1}`}: ${message}`,
        'input',
        'csv',
      ),
    ),
  ]);
  const rows = sheet.flatMap((cells, at): NewBulkRow[] =>
    at === 0 || cells.length === 0 ? [] : [rowOf(newId, at + 1, recordOf(cells), cells)],
  );
  requireWork(rows, 'csv');
  return { rows, warnings };
}

/** @param record null: nothing is to be done. */
function rowOf(
  newId: () => string,
  row: number,
  record: unknown,
  cells: readonly string[] | null,
): NewBulkRow {
  const errors = shapeProblems(record, cells);
  const isBroken = errors.length > 0;
  const given = {
    row,
    label: labelOf(row, record),
    cells: isBroken ? (cells?.map(storedText) ?? null) : cells,
  };
  if (isBroken) return { ...given, record: null, jobId: null, state: 'FAILED', errors };
  return record === null
    ? { ...given, record, jobId: null, state: 'SKIPPED', errors: null }
    : { ...given, record, jobId: newId(), state: 'PENDING', errors: null };
}

/** Why a row cannot even be kept until its job judges it. */
function shapeProblems(record: unknown, cells: readonly string[] | null): UserError[] {
  const unstorable = unstorableCells(cells ?? [], 'record');
  if (unstorable.length > 0 || record === null) return unstorable;
  return shapeViolations(record).map(({ path, message }) =>
    userError('ITEM_METADATA_INVALID', message, 'record', ...path),
  );
}

const unstorableCells = (cells: readonly string[], ...path: string[]): UserError[] =>
  cells.flatMap((cell, at) =>
    isStorable(cell)
      ? []
      : [
          userError(
            'CSV_MALFORMED',
            `Column ${at + 1} holds U+0000 or half of a surrogate pair, which cannot be stored.`,
            ...path,
          ),
        ],
  );

const storedText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');

const MOST_TOLD = 100;

/** At least one row, and not too many, for which a job is to run. */
function requireWork(rows: readonly NewBulkRow[], field: 'csv' | 'records'): void {
  const count = rows.filter(({ state }) => state === 'PENDING').length;
  if (count === 0)
    refuseFor(
      rows
        .flatMap(({ row, errors }) => (errors ?? []).map((one) => ({ ...one, row })))
        .slice(0, MOST_TOLD)
        .map(({ code, message, row }) => userError(code, `Row ${row}: ${message}`, 'input', field)),
    );
  const problem = amountProblem(count);
  if (problem === undefined) return;
  const isSkipped = rows.length > 0 && rows.every(({ state }) => state === 'SKIPPED');
  refuse(
    'BAD_USER_INPUT',
    isSkipped ? 'Every row names a job already (_job_id); empty that cell to register a row again.' : problem,
    'input',
    field,
  );
}

/** What the job of a row is called. */
function labelOf(row: number, record: unknown): string {
  const name = (textAt(record, 'displayName') ?? '').replace(/[\p{Cc}\p{Cs}]+/gu, ' ').trim();
  return shortened(`Row ${row}${name === '' ? '' : `: ${name}`}`);
}
