import { describe, expect, test } from 'vitest';
import { judge, KILL_REASONS, type Observations } from './judge.js';

const MIB = 1024 * 1024;
const seen = (more: Partial<Observations> = {}): Observations => ({
  killedFor: undefined,
  cancelRequested: false,
  outOfMemory: false,
  processesRefused: false,
  ready: true,
  last: undefined,
  exitCode: 1,
  signal: null,
  stderrTail: '',
  limits: {
    timeMs: 2_000,
    memoryBytes: 64 * MIB,
    processes: 8,
    diskBytes: MIB,
    logBytes: MIB,
    resultBytes: MIB,
  },
  ...more,
});
const error = (more: object = {}) => ({
  type: 'error' as const,
  stage: 'run' as const,
  message: 'Error: x',
  errno: null,
  syscall: null,
  freeDiskBytes: MIB,
  ...more,
});
const codeOf = (observations: Observations): string => {
  const verdict = judge(observations);
  return verdict.ok ? 'OK' : verdict.failure.code;
};

const exit = (more: object = {}) => ({
  type: 'exit' as const,
  what: 'command' as const,
  code: 3,
  freeDiskBytes: MIB,
  ...more,
});

describe('the verdict', () => {
  test.each([
    ['an exit code', { last: exit() }, 'COMMAND_FAILED'],
    ['one after a cancellation', { last: exit({ code: 143 }), cancelRequested: true }, 'CANCELLED'],
    ['one on a full disk', { last: exit({ freeDiskBytes: 0 }) }, 'DISK_LIMIT_EXCEEDED'],
    ['one for a file that was too large', { last: exit({ code: 153 }) }, 'DISK_LIMIT_EXCEEDED'],
    [
      'one without processes',
      { last: exit({ code: 2 }), stderrTail: 'sh: 1: Cannot fork' },
      'PROCESS_LIMIT_EXCEEDED',
    ],
    ['one without memory', { last: exit({ code: 137 }), outOfMemory: true }, 'OUT_OF_MEMORY'],
    ['one of a run that was ended', { last: exit({ code: 137 }), killedFor: 'time' as const }, 'TIMEOUT'],
  ])('of a command: %s', (_what, more, code) => {
    expect(codeOf(seen(more))).toBe(code);
  });

  test('what the launcher ended for goes before everything else, also before a result', () => {
    const result = { type: 'result' as const, text: '1', cpuMs: 1 };
    expect(KILL_REASONS.map((killedFor) => codeOf(seen({ killedFor, last: result, outOfMemory: true })))).toEqual([
      'TIMEOUT', 'OUT_OF_MEMORY', 'PROCESS_LIMIT_EXCEEDED', 'LOG_LIMIT_EXCEEDED', 'RESULT_TOO_LARGE', 'CANCELLED', 'PROCESS_CRASHED',
    ]); // prettier-ignore
  });

  test('a result stands, however the process left afterwards', () => {
    expect(
      judge(seen({ last: { type: 'result', text: '{"a":1}', cpuMs: 1 }, exitCode: 139, outOfMemory: true })),
    ).toEqual({ ok: true, resultJson: '{"a":1}' });
  });

  test.each([
    ['an exception', { last: error() }, 'SERVICE_EXCEPTION'],
    [
      'an exception after a refused process',
      { last: error(), processesRefused: true },
      'PROCESS_LIMIT_EXCEEDED',
    ],
    ['an exception after an OOM kill', { last: error(), outOfMemory: true }, 'OUT_OF_MEMORY'],
    ['a failed spawn', { last: error({ errno: 'EAGAIN', syscall: 'spawn sh' }) }, 'PROCESS_LIMIT_EXCEEDED'],
    ['EAGAIN of something else', { last: error({ errno: 'EAGAIN', syscall: 'read' }) }, 'SERVICE_EXCEPTION'],
    ['a full disk', { last: error({ errno: 'ENOSPC' }) }, 'DISK_LIMIT_EXCEEDED'],
    ['an exception with the disk full', { last: error({ freeDiskBytes: 0 }) }, 'DISK_LIMIT_EXCEEDED'],
    ['a MemoryError', { last: error({ outOfMemory: true }) }, 'OUT_OF_MEMORY'],
    ['a failure to load', { last: error({ stage: 'load' }) }, 'SERVICE_INVALID'],
    ['a result that is no JSON', { last: error({ stage: 'result' }) }, 'RESULT_INVALID'],
    ['an exception after a cancellation', { last: error(), cancelRequested: true }, 'CANCELLED'],
    [
      'an exhausted heap',
      { exitCode: 134, stderrTail: 'FATAL ERROR: JavaScript heap out of memory' },
      'OUT_OF_MEMORY',
    ],
    ['a file too large', { exitCode: 153 }, 'DISK_LIMIT_EXCEEDED'],
    ['no word at all', { exitCode: 0 }, 'PROCESS_CRASHED'],
    [
      'no start',
      { ready: false, stderrTail: 'bwrap: setting up uid map: Permission denied' },
      'RUNTIME_UNAVAILABLE',
    ],
  ])('%s', (_what, observations, code) => {
    expect(codeOf(seen(observations as Partial<Observations>))).toBe(code);
  });
});
