// Everything that can be done with data pools, by name.
import type { DataPoolPorts } from './data-pool-ports.js';
import {
  addDataPoolFile,
  pruneDataPool,
  removeDataPoolFile,
  saveJobResultToDataPool,
} from './fill-data-pool.js';
import {
  createDataPool,
  deleteDataPool,
  setDataPoolAccess,
  transferDataPool,
  updateDataPool,
} from './keep-data-pool.js';
import { decideDataPoolRelease, requestDataPoolRelease, sealDataPool } from './release-data-pool.js';

export type DataPoolCases = ReturnType<typeof createDataPoolCases>;

export const createDataPoolCases = (ports: DataPoolPorts) => ({
  createDataPool: createDataPool(ports),
  updateDataPool: updateDataPool(ports),
  deleteDataPool: deleteDataPool(ports),
  setDataPoolAccess: setDataPoolAccess(ports),
  transferDataPool: transferDataPool(ports),
  addDataPoolFile: addDataPoolFile(ports),
  saveJobResultToDataPool: saveJobResultToDataPool(ports),
  removeDataPoolFile: removeDataPoolFile(ports),
  pruneDataPool: pruneDataPool(ports),
  requestDataPoolRelease: requestDataPoolRelease(ports),
  decideDataPoolRelease: decideDataPoolRelease(ports),
  sealDataPool: sealDataPool(ports),
});
