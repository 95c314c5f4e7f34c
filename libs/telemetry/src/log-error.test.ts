import { describe, expect, it } from 'vitest';
import { logError } from './log-error.js';

describe('a logged error', () => {
  it('says what it is and where it happened, and nothing of what hangs on it', () => {
    const error = Object.assign(new Error('Connection terminated'), {
      code: 'ECONNRESET',
      client: { password: 'hunter2', queries: ['select 1'] },
    });
    const logged = JSON.stringify(logError(error));
    expect(logged).toContain('Connection terminated');
    expect(logged).toContain('ECONNRESET');
    expect(logged).toContain('log-error.test.ts');
    expect(logged).not.toMatch(/hunter2|select 1/);
  });

  it('tells its causes, as far as they go', () => {
    const loop = new Error('outer');
    loop.cause = loop;
    expect(JSON.stringify(logError(loop)).match(/"message":"outer"/g)).toHaveLength(5);
    const many = new AggregateError([new Error('one'), new Error('two')], 'both');
    expect(JSON.stringify(logError(many))).toMatch(/"one".*"two"/);
  });

  it('takes what is no error as it is', () => {
    expect(logError('text')).toBe('text');
  });
});
