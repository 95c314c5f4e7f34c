import { Field, ObjectType } from 'type-graphql';
import type { JobInputView } from '../application/job-reader.js';
import { ArtifactRef, ref } from './references.js';

@ObjectType('EnvironmentVariable', { description: 'One variable in the environment of a command.' })
export class EnvironmentVariableType {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => Boolean, { description: 'Its value was given as a secret.' })
  secret!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'Its value; null for a secret, which is never shown again.',
  })
  value!: string | null;
}

@ObjectType('JobCommand', { description: 'What a job of kind COMMAND runs.' })
export class JobCommandType {
  @Field(() => String, { description: 'The command line, run by `/bin/sh -c`.' })
  command!: string;

  @Field(() => String, { nullable: true, description: 'The script that runs before it.' })
  startScript!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Where both run, below `/work`; null: `/work` itself.',
  })
  workingDirectory!: string | null;

  @Field(() => [EnvironmentVariableType], {
    description: 'Its variables, in the order in which they were given.',
  })
  environment!: EnvironmentVariableType[];

  @Field(() => ArtifactRef, {
    nullable: true,
    description: 'The file that is put into the working directory.',
  })
  codeArtifact!: ArtifactRef | null;

  @Field(() => String, { nullable: true, description: 'Name of that file there; null: `code`.' })
  codeFileName!: string | null;
}

export function presentCommand(
  input: Pick<JobInputView, 'command' | 'codeArtifactId'> | undefined,
): JobCommandType | null {
  if (input === undefined || input.command === null) return null;
  const { environment, command, startScript, workingDirectory, codeFileName } = input.command;
  return {
    command,
    startScript,
    workingDirectory,
    codeFileName,
    codeArtifact: ref(input.codeArtifactId),
    environment: environment.map((variable) => ({
      name: variable.name,
      secret: variable.secret,
      value: variable.secret ? null : variable.value,
    })),
  };
}
