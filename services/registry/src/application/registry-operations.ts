// What the registry's own jobs do, by the word that a job carries.
import { AppError } from '@weft/errors';
import { BULK_OPERATION, OPERATIONS } from '../domain/activity-workflow.js';
import { at } from '../domain/item-types/places.js';
import { CRATE_OPERATION } from '../domain/crate-archive.js';
import { REPORT_OPERATION } from '../domain/report.js';
import type { ActivityPorts } from './activity-ports.js';
import type { CratePorts } from './crate-ports.js';
import { lodgeModelRun } from './lodge-model-run.js';
import type { ModelRunPorts } from './model-run-ports.js';
import type { Operation, Operations } from './operations.js';
import { generateReport } from './generate-report.js';
import { packCrate } from './pack-crate.js';
import type { ReportPorts } from './report-ports.js';
import { inWords, type AskedRow, type RowEnd } from './register-bulk-rows.js';
import { storeResult } from './store-result.js';
import { lodgeActivity, registerActivity, type RegistryJob } from './write-activity.js';

export function registryOperations(
  ports: ActivityPorts,
  runPorts: ModelRunPorts,
  reports: ReportPorts,
  crates: CratePorts,
  registerRow: (row: AskedRow) => Promise<RowEnd>,
  sha256: (text: string) => string,
): Operations {
  const register = ofWorkflow(registerActivity(ports));
  const lodge = ofWorkflow(lodgeActivity(ports));
  const lodgeRun = ofWorkflow(lodgeModelRun(runPorts));
  return {
    [OPERATIONS.CREATE.register]: register,
    [OPERATIONS.CREATE.lodge]: lodge,
    [OPERATIONS.CREATE.store]: storeResult(ports, sha256),
    [OPERATIONS.VERSION.register]: register,
    [OPERATIONS.VERSION.lodge]: lodge,
    [REPORT_OPERATION]: generateReport(reports),
    [CRATE_OPERATION]: packCrate(crates),
    [OPERATIONS.MODEL_RUN.lodge]: lodgeRun,
    [OPERATIONS.MODEL_RUN_UPDATE.lodge]: lodgeRun,
    [BULK_OPERATION]: ofBulkRow(registerRow),
  };
}

const ofWorkflow =
  (work: (job: RegistryJob, workflowId: string) => Promise<unknown>): Operation =>
  (params, job) => {
    const workflowId =
      typeof params === 'object' && params !== null && 'workflowId' in params ? params.workflowId : undefined;
    if (typeof workflowId !== 'string')
      throw new AppError('BAD_USER_INPUT', 'The params of the job name no workflow.');
    return work(job, workflowId);
  };

const ofBulkRow =
  (register: (row: AskedRow) => Promise<RowEnd>): Operation =>
  async (params, { jobId, correlationId }) => {
    const [batchId, row] = [at(params, 'batchId'), at(params, 'row')];
    if (typeof batchId !== 'string' || typeof row !== 'number')
      throw new AppError('BAD_USER_INPUT', 'The params of the job name no row of a batch.');
    const end = await register({ jobId, correlationId, batchId, row });
    if ('state' in end) return end;
    throw new AppError(end[0]?.code ?? 'MODEL_RUN_INVALID', inWords(end));
  };
