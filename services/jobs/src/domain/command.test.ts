import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkCommand, type Command } from './command.js';

const command = (more: Partial<Command> = {}): Command => ({
  command: 'echo hello',
  startScript: null,
  workingDirectory: null,
  environment: [],
  codeArtifactId: null,
  codeFileName: null,
  ...more,
});
const variable = (name: string, value = 'x') => ({ name, value, secret: true });

describe('a command', () => {
  it.each<[string, Partial<Command>, string[]]>([
    ['nothing to run', { command: ' \n' }, ['command']],
    ['a command line that is too long', { command: 'x'.repeat(33_000) }, ['command']],
    ['a NUL', { command: 'echo \0' }, ['command']],
    ['a start script that is too long', { startScript: 'x'.repeat(66_000) }, ['startScript']],
    ['an absolute directory', { workingDirectory: '/etc' }, ['workingDirectory']],
    ['a way out', { workingDirectory: 'a/../../b' }, ['workingDirectory']],
    ['half a path', { workingDirectory: 'a//b' }, ['workingDirectory']],
    ['a file name that is a path', { codeArtifactId: 'a', codeFileName: '../x' }, ['codeFileName']],
    ['a file name for no file', { codeFileName: 'x' }, ['codeFileName']],
    ['a name with =', { environment: [variable('A=B')] }, ['environment', '0', 'name']],
    [
      'a name of the platform',
      { environment: [variable('A'), variable('weft_x')] },
      ['environment', '1', 'name'],
    ],
    ['a name twice', { environment: [variable('A'), variable('A')] }, ['environment', '1', 'name']],
    ['a value with NUL', { environment: [variable('A', 'a\0')] }, ['environment', '0', 'value']],
    ['values that are too long', { environment: [variable('A', 'x'.repeat(66_000))] }, ['environment']],
    [
      'too many variables',
      { environment: Array.from({ length: 101 }, (_, n) => variable(`A${n}`)) },
      ['environment'],
    ],
  ])('is refused for %s, with its path', (_what, more, path) => {
    expect(checkCommand(command(more))).toMatchObject([
      { code: 'BAD_USER_INPUT', path: ['input', 'command', ...path] },
    ]);
  });

  it('is taken with everything that it may have', () => {
    const full = {
      startScript: 'set -e\nmkdir x',
      workingDirectory: 'data/run.1',
      environment: [variable('PATH', '/work/bin:/bin'), variable('_A1', '')],
      codeArtifactId: 'a',
      codeFileName: 'main.py',
    };
    expect(checkCommand(command(full))).toEqual([]);
  });

  it('never shows a value in a refusal', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string(), (value, name) => {
        const marked = `marked-${value}-value`;
        const errors = checkCommand(command({ environment: [variable(name, `${marked}\0`)] }));
        expect(errors.length).toBeGreaterThan(0);
        expect(JSON.stringify(errors)).not.toContain('marked-');
      }),
    );
  });
});
