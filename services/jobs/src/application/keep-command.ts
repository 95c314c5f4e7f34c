// Between a command as it was submitted or will be run, and as it is kept: the values of secret variables are sealed
// for the input that holds them.
import type { CommandSpec, ServiceRuntime } from '@weft/contracts';
import { DEFAULT_CODE_FILE_NAME, type Command, type StoredCommand } from '../domain/command.js';
import type { JobInput, Secrets } from './ports.js';

const placeOf = (inputId: string, name: string): string => `job_input:${inputId}:${name}`;

export const sealCommand = (
  secrets: Secrets,
  inputId: string,
  { codeArtifactId: _kept, environment, ...rest }: Command,
): StoredCommand => ({
  ...rest,
  environment: environment.map(({ name, value, secret }) =>
    secret ? { name, secret, sealed: secrets.seal(value, placeOf(inputId, name)) } : { name, secret, value },
  ),
});

/** The whole as it was submitted, with its secrets in the clear. Throws where one cannot be opened. */
export const openedCommand = (
  secrets: Secrets,
  { id, sharedId, command, codeArtifactId }: Pick<JobInput, 'id' | 'sharedId' | 'command' | 'codeArtifactId'>,
): Command | null =>
  command && {
    ...command,
    codeArtifactId,
    environment: command.environment.map((variable) => ({
      name: variable.name,
      secret: variable.secret,
      value: variable.secret
        ? secrets.open(variable.sealed, placeOf(sharedId ?? id, variable.name))
        : variable.value,
    })),
  };

/** The same as JSON text for the worker that holds the attempt. */
export function openCommand(
  secrets: Secrets,
  input: Pick<JobInput, 'id' | 'sharedId' | 'command' | 'codeArtifactId'>,
  runtime: ServiceRuntime | null,
): string | undefined {
  const command = openedCommand(secrets, input);
  if (command === null) return undefined;
  const { codeArtifactId } = command;
  const spec: CommandSpec = {
    command: command.command,
    startScript: command.startScript,
    workingDirectory: command.workingDirectory,
    environment: [...command.environment],
    code:
      codeArtifactId === null
        ? null
        : { artifactId: codeArtifactId, fileName: command.codeFileName ?? DEFAULT_CODE_FILE_NAME },
    runtime,
  };
  return JSON.stringify(spec);
}
