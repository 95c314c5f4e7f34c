// The process: settings from the environment, the service, until a signal.
import { runProcess } from '@weft/process';
import { createExecutionService, executionConfig } from './index.js';

await runProcess((stopping) => createExecutionService(executionConfig.read(process.env), {}, stopping));
