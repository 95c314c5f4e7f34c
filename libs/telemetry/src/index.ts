export { acceptCorrelation, CORRELATION_HEADER, currentCorrelation, withCorrelation } from './correlation.js';
export { createLogger, type Logger } from './logger.js';
export { createMetrics, type Metrics } from './metrics.js';
export { createSyncPoints, parseSyncPoints, type SyncPoint } from './sync-points.js';
