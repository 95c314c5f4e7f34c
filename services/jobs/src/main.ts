// The process: settings from the environment, the service, until a signal.
import { setFlagsFromString } from 'node:v8';
import { runProcess } from '@weft/process';
import { jobsConfig } from './config.js';
import { createJobsService } from './service.js';

// The JSON Schemas of services are other people's: a regular expression in one must not stall everybody.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

await runProcess((stopping) => createJobsService(jobsConfig.read(process.env), { stopping }));
