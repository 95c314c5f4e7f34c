// What the registry's own jobs do, by the word that a job carries.
import { AppError } from '@weft/errors';
import { OPERATIONS } from '../domain/activity-workflow.js';
import { REPORT_OPERATION } from '../domain/report.js';
import type { ActivityPorts } from './activity-ports.js';
import type { Operation, Operations } from './operations.js';
import { generateReport } from './generate-report.js';
import type { ReportPorts } from './report-ports.js';
import { lodgeActivity, registerActivity, type RegistryJob } from './write-activity.js';

export function registryOperations(ports: ActivityPorts, reports: ReportPorts): Operations {
  const register = ofWorkflow(registerActivity(ports));
  const lodge = ofWorkflow(lodgeActivity(ports));
  return {
    [OPERATIONS.CREATE.register]: register,
    [OPERATIONS.CREATE.lodge]: lodge,
    [OPERATIONS.VERSION.register]: register,
    [OPERATIONS.VERSION.lodge]: lodge,
    [REPORT_OPERATION]: generateReport(reports),
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
