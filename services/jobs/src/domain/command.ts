// What a COMMAND job may be told to run: forms and sizes. Pure; secrets are plain here for as long as a request lasts.
import { userError, type UserError } from '@weft/errors';

export const MAX_COMMAND_BYTES = 32 * 1024;
export const MAX_START_SCRIPT_BYTES = 64 * 1024;
export const MAX_ENVIRONMENT_BYTES = 64 * 1024;
export const MAX_VARIABLES = 100;
export const MAX_PATH = 200;

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
}

export interface Command {
  /** For `/bin/sh -c`. */
  readonly command: string;
  readonly startScript: string | null;
  readonly workingDirectory: string | null;
  readonly environment: readonly EnvironmentVariable[];
  readonly codeArtifactId: string | null;
  readonly codeFileName: string | null;
}

/** A variable as it is kept: one that is secret has its value sealed. */
export type StoredVariable =
  | { readonly name: string; readonly value: string; readonly secret: false }
  | { readonly name: string; readonly sealed: string; readonly secret: true };

export type StoredCommand = Omit<Command, 'environment' | 'codeArtifactId'> & {
  readonly environment: readonly StoredVariable[];
};

export const DEFAULT_CODE_FILE_NAME = 'code';

/** What a command says it does, start script first: its fingerprint names the code of the job. Variables are none of it. */
export const textOf = ({ startScript, command }: Pick<Command, 'startScript' | 'command'>): string =>
  startScript === null ? command : `${startScript}\n${command}`;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** The platform's own variables (WEFT_JOB_ID, …) cannot be set. */
const RESERVED = /^WEFT_/i;

const bytes = (text: string): number => Buffer.byteLength(text);
const carriable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
const isControl = (character: string): boolean => character < ' ' || character === '\u007f';
const printable = (text: string): boolean => text.isWellFormed() && ![...text].some(isControl);
const isPlaceName = (name: string): boolean => name !== '' && name !== '.' && name !== '..';

/** Every rule at once. No message shows a value: it may be a secret. */
export function checkCommand(command: Command): UserError[] {
  const errors: UserError[] = [];
  const refuse = (message: string, ...path: string[]): void =>
    void errors.push(userError('BAD_USER_INPUT', message, 'input', 'command', ...path));
  const { startScript, workingDirectory, codeFileName, codeArtifactId } = command;
  if (
    command.command.trim() === '' ||
    bytes(command.command) > MAX_COMMAND_BYTES ||
    !carriable(command.command)
  )
    refuse(`command is a shell command line of 1 to ${MAX_COMMAND_BYTES} bytes without NUL.`, 'command');
  if (startScript !== null && (bytes(startScript) > MAX_START_SCRIPT_BYTES || !carriable(startScript)))
    refuse(`startScript has at most ${MAX_START_SCRIPT_BYTES} bytes and no NUL.`, 'startScript');
  if (workingDirectory !== null && !isPlaceBelow(workingDirectory))
    refuse(
      `workingDirectory is a relative path of at most ${MAX_PATH} characters, such as data/run, without "." and "..".`,
      'workingDirectory',
    );
  if (
    codeArtifactId !== null &&
    (codeArtifactId.length > MAX_PATH || !printable(codeArtifactId) || codeArtifactId === '')
  )
    refuse('codeArtifactId is not an id.', 'codeArtifactId');
  if (codeFileName !== null && (codeFileName.includes('/') || !isPlaceBelow(codeFileName)))
    refuse(`codeFileName is a name of at most ${MAX_PATH} characters without "/".`, 'codeFileName');
  if (codeFileName !== null && codeArtifactId === null)
    refuse('codeFileName names the file of codeArtifactId, which is missing.', 'codeFileName');
  checkEnvironment(command.environment, refuse);
  return errors;
}

function checkEnvironment(
  environment: readonly EnvironmentVariable[],
  refuse: (message: string, ...path: string[]) => void,
): void {
  if (environment.length > MAX_VARIABLES) return refuse(`At most ${MAX_VARIABLES} variables.`, 'environment');
  const seen = new Set<string>();
  let total = 0;
  for (const [index, { name, value }] of environment.entries()) {
    const at = (field: string): string[] => ['environment', String(index), field];
    total += bytes(name) + bytes(value);
    if (!VARIABLE.test(name))
      refuse(
        'The name of a variable has letters, digits and _, and no digit first; at most 128.',
        ...at('name'),
      );
    else if (RESERVED.test(name)) refuse('Names that begin with WEFT_ are the platform’s.', ...at('name'));
    else if (seen.has(name)) refuse('This variable is there twice.', ...at('name'));
    seen.add(name);
    if (!carriable(value)) refuse('The value of a variable is text without NUL.', ...at('value'));
  }
  if (total > MAX_ENVIRONMENT_BYTES)
    refuse(`The variables together have more than ${MAX_ENVIRONMENT_BYTES} bytes.`, 'environment');
}

const isPlaceBelow = (path: string): boolean =>
  path.length <= MAX_PATH && printable(path) && path.split('/').every(isPlaceName);
