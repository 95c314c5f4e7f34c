import type { ClaimedAttempt, RunEnvironment } from '@weft/contracts';
import { AppError } from '@weft/errors';
import { fetchCommand } from './command-program.js';
import type { InputSource } from './input-source.js';
import { environmentOf } from './run-environments.js';
import type { Runner } from './runner.js';
import type { Capability } from './sandbox/probe.js';
import type { RunInput, SandboxLimits } from './sandbox/run-spec.js';
import type { Sandbox } from './sandbox/sandbox.js';

/** Managed services and commands in the sandbox: one process per item. */
export function createProcessRunner(
  sandbox: Sandbox | undefined,
  inputs: InputSource,
  capability: () => Promise<Capability>,
  facts: RunEnvironment['sandbox'],
): Runner {
  return {
    capability,
    async prepare(attempt, signal) {
      const able = await capability();
      const { code } = attempt;
      if ('operation' in code)
        throw new AppError('RUNTIME_UNAVAILABLE', `This worker runs no operation ${code.operation}.`);
      // Commands are started by a harness on Node.js.
      const needed = 'command' in code ? 'NODEJS' : code.runtime;
      if (sandbox === undefined || !able.runtimes.includes(needed)) {
        const what = 'command' in code ? 'commands' : `${needed} services`;
        throw new AppError(
          'RUNTIME_UNAVAILABLE',
          `This worker cannot run ${what}. ${able.problem ?? ''}`.trim(),
        );
      }
      const [program, data, params] = await Promise.all([
        'command' in code
          ? fetchCommand(inputs, attempt, code, able.runtimes, signal).then((fetched) => ({
              program: fetched,
            }))
          : inputs
              .code(attempt, code.artifactId, signal)
              .then((fetched) => ({ runtime: code.runtime, code: fetched })),
        inputs.value(attempt, 'data', null, attempt.data, signal),
        inputs.value(attempt, 'params', null, attempt.params, signal),
      ]);
      const runtime = 'program' in program ? program.program.runtime : program.runtime;
      return {
        environment: environmentOf(attempt, runtime, able, facts),
        async start(item, timeMs, listener, itemSignal) {
          const own = await inputs.value(attempt, 'params', item.index, item.params, itemSignal);
          const merged = item.params.by === 'none' ? params : layOver(params, own);
          const limits: SandboxLimits = { ...attempt.limits, timeMs };
          const context = contextOf(attempt, item.index, timeMs);
          return sandbox.start({ ...program, data, params: merged, context, limits }, listener);
        },
        dispose() {
          inputs.release(data);
          inputs.release(params);
        },
      };
    },
  };
}

const contextOf = (attempt: ClaimedAttempt, item: number, timeMs: number) => ({
  jobId: attempt.jobId,
  attempt: attempt.attempt,
  item,
  idempotencyKey: `${attempt.jobId}:${item}`,
  deadline: attempt.deadlineAt ?? new Date(Date.now() + timeMs).toISOString(),
  plannedFor: attempt.plannedFor ?? null,
});

/** An item's params laid over the job's: objects are merged by key, anything else replaces. */
export function layOver(base: RunInput, own: RunInput): RunInput {
  if ('file' in base || 'file' in own) return own;
  const [below, above] = [base, own].map((one) => JSON.parse(String(one.content)) as unknown);
  return {
    form: 'json',
    content: JSON.stringify(isObject(below) && isObject(above) ? { ...below, ...above } : above),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
