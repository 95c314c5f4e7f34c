import { commandSpec, type ClaimedAttempt, type CommandCode, type ServiceRuntime } from '@weft/contracts';
import { AppError } from '@weft/errors';
import type { InputSource } from './input-source.js';
import type { CommandProgram } from './sandbox/run-spec.js';

/** What a COMMAND attempt runs, fetched and made ready for the sandbox. */
export async function fetchCommand(
  inputs: InputSource,
  attempt: ClaimedAttempt,
  { command }: CommandCode,
  runtimes: readonly ServiceRuntime[],
  signal: AbortSignal,
): Promise<CommandProgram> {
  const value = await inputs.value(attempt, 'command', null, command, signal);
  const parsed = commandSpec.safeParse('content' in value ? JSON.parse(String(value.content)) : null);
  // Without what was wrong with it: that would show what it holds.
  if (!parsed.success) throw new AppError('INPUT_UNAVAILABLE', 'The command of the job could not be read.');
  const { environment, code, ...spec } = parsed.data;
  if (spec.runtime !== null && !runtimes.includes(spec.runtime))
    throw new AppError('RUNTIME_UNAVAILABLE', `This worker has no ${spec.runtime} for the image of the job.`);
  return {
    ...spec,
    environment: Object.fromEntries(environment.map(({ name, value: text }) => [name, text])),
    secrets: environment.filter(({ secret }) => secret).map(({ value: text }) => text),
    file:
      code === null
        ? null
        : { name: code.fileName, content: await inputs.code(attempt, code.artifactId, signal) },
  };
}
