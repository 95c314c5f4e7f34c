// Everything that can be done with runs of models, by name.
import type { BulkReader } from './bulk-ports.js';
import {
  deleteModelRun,
  linkModelRunToStudy,
  revertModelRun,
  unlinkModelRunFromStudy,
  updateModelRun,
} from './change-model-run.js';
import { modelRunBatchCsv, modelRunTemplateCsv } from './model-run-sheets.js';
import { registerModelRun } from './register-model-run.js';
import { registerModelRuns, type BulkPorts } from './register-model-runs.js';

export type ModelRunCases = ReturnType<typeof createModelRunCases>;

export const createModelRunCases = (ports: BulkPorts, reader: BulkReader) => ({
  registerModelRun: registerModelRun(ports),
  registerModelRuns: registerModelRuns(ports),
  updateModelRun: updateModelRun(ports),
  revertModelRun: revertModelRun(ports),
  deleteModelRun: deleteModelRun(ports),
  linkModelRunToStudy: linkModelRunToStudy(ports),
  unlinkModelRunFromStudy: unlinkModelRunFromStudy(ports),
  modelRunTemplateCsv: modelRunTemplateCsv(ports),
  modelRunBatchCsv: modelRunBatchCsv(ports, reader),
});
