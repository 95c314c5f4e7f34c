import { describe, expect, test } from 'vitest';
import {
  codeOf,
  messageOf,
  METERS,
  python,
  resultOf,
  runCommandIn,
  sandboxRig,
} from '../../testing/sandbox-rig.js';

const rigs = { strongest: await sandboxRig('strongest'), proc: await sandboxRig('proc') };
const unsafeRig = await sandboxRig('proc', true);

describe.each(METERS)('a command with the %s meter', (meter) => {
  const { sandbox, leftovers } = rigs[meter];

  test('finds its context, its inputs and its environment, and gives the JSON of its result file', async () => {
    const seen = await runCommandIn(
      sandbox,
      `printf '{"job":"%s","attempt":%s,"item":%s,"key":"%s","deadline":"%s","planned":"%s","greeting":"%s","home":"%s","pwd":"%s","data":%s,"params":%s}' \\
         "$WEFT_JOB_ID" "$WEFT_ATTEMPT" "$WEFT_ITEM" "$WEFT_IDEMPOTENCY_KEY" "$WEFT_DEADLINE" "$WEFT_PLANNED_FOR" "$GREETING" "$HOME" "$PWD" \\
         "$(cat "$WEFT_DATA_FILE")" "$(cat "$WEFT_PARAMS_FILE")" > "$WEFT_RESULT_FILE"`,
      { environment: { GREETING: 'grüß dich' }, workingDirectory: 'a/b' },
      { params: { n: 5 }, plannedFor: '2029-12-31T23:30:00.000Z' },
    );
    expect(resultOf(seen)).toEqual({
      job: 'job-1', attempt: 2, item: 3, key: 'key-1', deadline: '2030-01-01T00:00:00.000Z', planned: '2029-12-31T23:30:00.000Z',
      greeting: 'grüß dich', home: '/work', pwd: '/work/a/b', data: { a: 1 }, params: { n: 5 },
    }); // prettier-ignore
    expect(seen.outcome.exitCode).toBe(0);
  });

  test('without a result file the result is null; what is not JSON is refused, and what is too large', async () => {
    expect(resultOf(await runCommandIn(sandbox, 'true'))).toBeNull();
    const nonsense = await runCommandIn(sandbox, 'echo nonsense > $WEFT_RESULT_FILE');
    expect([codeOf(nonsense), messageOf(nonsense)]).toEqual([
      'RESULT_INVALID',
      expect.stringMatching(/not JSON: the mistake is at /),
    ]);
    const large = await runCommandIn(sandbox, 'yes | head -c 100001 > $WEFT_RESULT_FILE');
    expect(codeOf(large)).toBe('RESULT_TOO_LARGE');
    expect(resultOf(await runCommandIn(sandbox, 'ln -s /dev/zero $WEFT_RESULT_FILE'))).toBeNull();
  });

  test('another exit code than 0 is a failure with the code and the last lines of stderr', async () => {
    const seen = await runCommandIn(
      sandbox,
      'echo out; for n in $(seq 20); do echo "line $n" >&2; done; exit 3',
    );
    expect(codeOf(seen)).toBe('COMMAND_FAILED');
    expect(messageOf(seen)).toMatch(/^The command ended with exit code 3:\nline 11\n[^]*line 20$/);
    expect(seen.outcome.exitCode).toBe(3);
    const killed = await runCommandIn(sandbox, 'kill -SEGV $$');
    expect([messageOf(killed), killed.outcome.exitCode]).toEqual([
      expect.stringContaining('139 (SIGSEGV)'),
      139,
    ]);
    const unknown = await runCommandIn(sandbox, 'no-such-program');
    expect([messageOf(unknown), unknown.outcome.exitCode]).toEqual([
      expect.stringContaining('not found'),
      127,
    ]);
  });

  test('the start script runs first, in the same place, and its failure is the end', async () => {
    const program = { startScript: 'echo prepared > file\necho started', workingDirectory: 'here' };
    const seen = await runCommandIn(sandbox, 'cat file', program);
    expect([codeOf(seen), seen.log]).toEqual(['SUCCEEDED', 'started\nprepared']);
    const exporting = await runCommandIn(sandbox, 'tool; echo "$A|$B|$WEFT_ITEM"', {
      startScript: `mkdir bin; printf '#!/bin/sh\\necho tool' > bin/tool; chmod +x bin/tool
        export PATH="$PWD/bin:$PATH" A="two
lines" WEFT_ITEM=9; B=unexported`,
    });
    expect([codeOf(exporting), exporting.log]).toEqual(['SUCCEEDED', 'tool\ntwo\nlines||3']);
    const early = await runCommandIn(sandbox, 'echo ran', { startScript: 'exit 0' });
    expect(early.log).toBe('ran');
    const failed = await runCommandIn(sandbox, 'echo never', { startScript: 'echo why >&2; exit 4' });
    expect([codeOf(failed), messageOf(failed), failed.log]).toEqual([
      'COMMAND_FAILED',
      'The start script ended with exit code 4:\nwhy',
      'why',
    ]);
  });

  test('streams its log, also through /dev/stderr, and tells progress by descriptor 3', async () => {
    const seen = await runCommandIn(
      sandbox,
      'echo one; echo two > /dev/stdout; echo three > /dev/stderr; echo "0.5 half way" >&3; sleep 0.3; echo "looking around" >&3',
    );
    const texts = (stream: string) =>
      seen.lines.filter((line) => line.stream === stream).map((line) => line.text);
    expect([texts('stdout'), texts('stderr')]).toEqual([['one', 'two'], ['three']]);
    expect(seen.progress).toEqual([
      [0.5, 'half way'],
      [null, 'looking around'],
    ]);
  });

  test('runs the file that it was given', async () => {
    const file = { name: 'hello.sh', content: Buffer.from('#!/bin/sh\necho "hello $1"\n') };
    const seen = await runCommandIn(sandbox, './hello.sh world', { file, workingDirectory: 'app' });
    expect([codeOf(seen), seen.log]).toEqual(['SUCCEEDED', 'hello world']);
  });

  test('finds the interpreter of its image on the PATH', async () => {
    const node = await runCommandIn(sandbox, 'node -e "console.log(6 * 7)"', { runtime: 'NODEJS' });
    expect([codeOf(node), node.log]).toEqual(['SUCCEEDED', '42']);
    if (python !== undefined) {
      const snake = await runCommandIn(sandbox, 'python3 -c "print(6 * 7)"', { runtime: 'PYTHON' });
      expect([codeOf(snake), snake.log]).toEqual(['SUCCEEDED', '42']);
    }
  });

  test('a cancelled command gets SIGTERM with all that it started, and SIGKILL after the grace', async () => {
    const polite = await runCommandIn(
      sandbox,
      `trap 'echo bye; exit 5' TERM; echo up; sleep 60 & wait`,
      {},
      { cancelAfterMs: 700 },
    );
    expect([codeOf(polite), polite.log]).toEqual(['CANCELLED', 'up\nbye']);
    const plain = await runCommandIn(sandbox, 'sleep 60', {}, { cancelAfterMs: 700 });
    expect(codeOf(plain)).toBe('CANCELLED');
    const deaf = await runCommandIn(sandbox, `trap '' TERM; sleep 60; sleep 60`, {}, { cancelAfterMs: 700 });
    expect(codeOf(deaf)).toBe('CANCELLED');
    const finishing = await runCommandIn(
      sandbox,
      `trap 'echo 1 > $WEFT_RESULT_FILE; exit 0' TERM; sleep 60 & wait`,
      {},
      { cancelAfterMs: 700 },
    );
    expect(resultOf(finishing)).toBe(1);
    const starting = await runCommandIn(
      sandbox,
      'echo never',
      { startScript: 'sleep 60' },
      { cancelAfterMs: 700 },
    );
    expect([codeOf(starting), starting.log]).toEqual(['CANCELLED', '']);
    expect(leftovers()).toEqual([]);
  });

  test('what it left running ends with it', async () => {
    const seen = await runCommandIn(sandbox, 'setsid sleep 300 & sleep 300 & echo done');
    expect([codeOf(seen), seen.log]).toEqual(['SUCCEEDED', 'done']);
    expect(leftovers()).toEqual([]);
  });

  test.each([
    ['OUT_OF_MEMORY', 'head -c 300m /dev/zero | tail', {}],
    ['DISK_LIMIT_EXCEEDED', 'cat /dev/zero > big', {}],
    ['LOG_LIMIT_EXCEEDED', 'yes', {}],
    ['TIMEOUT', 'sleep 60', { timeMs: 800 }],
    ['PROCESS_LIMIT_EXCEEDED', 'for n in $(seq 200); do sleep 20 & done; wait', {}],
  ])('ends with %s', async (code, command, limits) => {
    expect(codeOf(await runCommandIn(sandbox, command, {}, { limits }))).toBe(code);
  });

  test('has no network, none of the host’s files and no secret of the platform', async () => {
    const seen = await runCommandIn(sandbox, 'ls / /job; cat /etc/shadow; env; cat /proc/net/dev | wc -l');
    expect(seen.log).not.toMatch(/root:|NATS|DATABASE|npm_|home/);
    expect(seen.log).toContain('params');
  });

  const secrets = {
    environment: { TOKEN: 'hunter2-"x"', PEM: 'first-line\nsecond-line' },
    secrets: ['hunter2-"x"', 'first-line\nsecond-line'],
  };

  test('its secrets are masked in log, progress, errors and result, however they are printed', async () => {
    const seen = await runCommandIn(
      sandbox,
      `echo "token $TOKEN!"; printf 'hunter2' >&2; sleep 0.2; printf -- '-"x"\\n' >&2; echo "$PEM" | sed 's/^/> /'
       echo "0.1 $TOKEN" >&3
       printf '{"t":"hunter2-\\\\"x\\\\"","\\\\u0066irst-line":1}' > $WEFT_RESULT_FILE`,
      secrets,
    );
    expect(seen.lines.map((line) => line.text).sort()).toEqual(['***', '> ***', '> ***', 'token ***!']);
    expect(seen.progress).toEqual([[0.1, '***']]);
    expect(resultOf(seen)).toEqual({ t: '***', '***': 1 });
    const failed = await runCommandIn(sandbox, 'echo "bad $TOKEN" >&2; exit 1', secrets);
    expect(messageOf(failed)).toBe('The command ended with exit code 1:\nbad ***');
    const nonsense = await runCommandIn(sandbox, 'echo "$TOKEN" > $WEFT_RESULT_FILE', secrets);
    expect(messageOf(nonsense)).not.toContain('hunter2');
  });

  test('a secret that was broken off is not shown either', async () => {
    const value = 'x9'.repeat(600);
    const program = { environment: { TOKEN: value }, secrets: [value] };
    const killed = await runCommandIn(sandbox, 'echo a; printf %.300s "$TOKEN"; sleep 60', program, {
      limits: { timeMs: 900 },
    });
    expect([codeOf(killed), killed.log]).toEqual(['TIMEOUT', 'a\n***']);
    const flood = await runCommandIn(sandbox, 'while :; do echo "$TOKEN"; done', program);
    expect([codeOf(flood), flood.log.includes('x9x9')]).toEqual(['LOG_LIMIT_EXCEEDED', false]);
    const told = await runCommandIn(sandbox, 'printf "0.5 %.900s%s\\n" "$PADDING" "$TOKEN" >&3', {
      environment: { TOKEN: value, PADDING: 'p'.repeat(900) },
      secrets: [value],
    });
    expect(told.progress).toEqual([[0.5, null]]);
    const nonsense = await runCommandIn(sandbox, 'printf %s "$TOKEN" > $WEFT_RESULT_FILE', program);
    expect([codeOf(nonsense), messageOf(nonsense)]).toEqual([
      'RESULT_INVALID',
      expect.not.stringContaining('x9'),
    ]);
  });

  test('its secrets lie in no file and no command line of the platform', async () => {
    const seen = await runCommandIn(
      sandbox,
      'unset TOKEN; cat /job/* 2>/dev/null | grep -c "hunter[2]"; for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline; echo; done',
      { ...secrets, secrets: [] },
    );
    expect(seen.log.split('\n')[0]).toBe('0');
    expect(seen.log).not.toContain('hunter2');
  });
});

test('runs without a sandbox too, where the operator wants that', async () => {
  const seen = await runCommandIn(unsafeRig.sandbox, 'pwd; echo 1 > $WEFT_RESULT_FILE', {
    workingDirectory: 'x',
  });
  expect(resultOf(seen)).toBe(1);
  expect(seen.log).toMatch(/\/x$/);
  expect(unsafeRig.leftovers()).toEqual([]);
});
