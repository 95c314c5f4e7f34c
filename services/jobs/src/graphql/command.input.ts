import { Field, ID, InputType } from 'type-graphql';
import type { Command } from '../domain/command.js';

@InputType('EnvironmentVariableInput', { description: 'One variable in the environment of a command.' })
export class EnvironmentVariableInput {
  @Field(() => String, {
    description: 'Letters, digits and `_`, no digit first. Names that begin with `WEFT_` are the platform’s.',
  })
  name!: string;

  @Field(() => String, { description: 'Its value: text without NUL; 64 KB for all together.' })
  value!: string;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Keeps the value secret: encrypted at rest, never shown again, and `***` in the log, errors and result of the job where it has 4 characters or more. False when left out.',
  })
  secret?: boolean | null;
}

export const COMMAND_CONTRACT =
  'What a job of kind COMMAND runs, once for each item. Exit code 0 is success; the JSON that it wrote to the file `$WEFT_RESULT_FILE` is its result, null if it wrote none. It also finds `WEFT_DATA_FILE`, `WEFT_PARAMS_FILE` (JSON), `WEFT_JOB_ID`, `WEFT_ATTEMPT`, `WEFT_ITEM`, `WEFT_IDEMPOTENCY_KEY`, `WEFT_DEADLINE` and `WEFT_PLANNED_FOR` (of a schedule, else empty), and tells progress by lines such as `0.5 half way` on file descriptor 3. A cancellation sends SIGTERM, and SIGKILL after a grace.';

/** A command but for its environment. */
@InputType()
export class CommandDetails {
  @Field(() => String, { description: 'For `/bin/sh -c`: 1 to 32 KB.' })
  command!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Shell script that runs first, in the same directory and environment; what it exports is there for the command. If it fails, the command is not run. Up to 64 KB.',
  })
  startScript?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Where both run: a path below `/work`, made if it is missing; `/work` when left out.',
  })
  workingDirectory?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Uploaded file (kind INPUT or CODE, up to 16 MB) that is put into the working directory, executable. Several files: upload a tar archive and unpack it in `startScript`.',
  })
  codeArtifactId?: string | null;

  @Field(() => String, { nullable: true, description: 'Name of that file there; `code` when left out.' })
  codeFileName?: string | null;
}

@InputType('CommandInput', { description: COMMAND_CONTRACT })
export class CommandInput extends CommandDetails {
  @Field(() => [EnvironmentVariableInput], { nullable: true, description: 'Up to 100 variables.' })
  environment?: EnvironmentVariableInput[] | null;
}

export const commandDetails = (input: CommandDetails): Omit<Command, 'environment'> => ({
  command: input.command,
  startScript: input.startScript ?? null,
  workingDirectory: input.workingDirectory ?? null,
  codeArtifactId: input.codeArtifactId ?? null,
  codeFileName: input.codeFileName ?? null,
});

export const commandOf = (input: CommandInput): Command => ({
  ...commandDetails(input),
  environment: (input.environment ?? []).map(({ name, value, secret }) => ({
    name,
    value,
    secret: secret ?? false,
  })),
});
