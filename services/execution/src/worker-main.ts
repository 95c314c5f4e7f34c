// The process of a worker: settings from the environment, the worker, until a signal.
import { runProcess } from '@weft/process';
import { createWorker, workerConfig } from './index.js';
import { closeInheritedDescriptors } from './worker/sandbox/inherited-descriptors.js';

closeInheritedDescriptors();
await runProcess((stopping) => createWorker(workerConfig.read(process.env), {}, stopping));
