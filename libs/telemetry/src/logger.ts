import { pino, type Logger as PinoLogger } from 'pino';
import { currentCorrelation } from './correlation.js';
import { logError } from './log-error.js';

export type Logger = PinoLogger;

/** Structured JSON lines on stdout: `time level name msg` and the correlation id of the request at hand. */
export function createLogger(name: string, level: string = 'info'): Logger {
  return pino({
    name,
    level,
    base: { name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => logError(error) },
    formatters: { level: (label) => ({ level: label }) },
    mixin() {
      const correlationId = currentCorrelation();
      return correlationId === undefined ? {} : { correlationId };
    },
    redact: {
      paths: [
        'authorization',
        '*.authorization',
        'token',
        '*.token',
        'password',
        '*.password',
        'headers.authorization',
      ],
      censor: '[secret]',
    },
  });
}
