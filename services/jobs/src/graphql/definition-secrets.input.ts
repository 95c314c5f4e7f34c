// What of a definition's input has secrets in it: values are given once, and stay where they are left out.
import { Field, InputType } from 'type-graphql';
import type { CommandDraft } from '../domain/definition/draft.js';
import { COMMAND_CONTRACT, commandDetails, CommandDetails } from './command.input.js';

@InputType('JobDefinitionVariableInput', {
  description: 'One variable in the environment of the command of a job definition.',
})
export class DefinitionVariableInput {
  @Field(() => String, {
    description: 'Letters, digits and `_`, no digit first. Names that begin with `WEFT_` are the platform’s.',
  })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Its value: text without NUL; 64 KB for all together. Null or left out: this is a secret that keeps the value that the definition has for it.',
  })
  value?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Keeps the value secret: encrypted at rest, never shown again, and `***` in the log, errors and result of the jobs where it has 4 characters or more. False when left out with a value.',
  })
  secret?: boolean | null;
}

@InputType('JobDefinitionCommandInput', { description: COMMAND_CONTRACT })
export class DefinitionCommandInput extends CommandDetails {
  @Field(() => [DefinitionVariableInput], {
    nullable: true,
    description:
      'Up to 100 variables: all of them, each time that the command is given. A secret stays by being named without its value.',
  })
  environment?: DefinitionVariableInput[] | null;
}

@InputType('JobDefinitionWebhookInput', {
  description: 'Whom to tell when a job of the definition has ended.',
})
export class DefinitionWebhookInput {
  @Field(() => String, {
    description:
      'Where to POST: an https URL of a host of the public internet, without credentials, up to 2000 characters.',
  })
  url!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Signing secret, `whsec_` and 24 to 64 bytes in base64. Left out: the one that the definition has; where it has none, one is made and shown once. Never shown again.',
  })
  secret?: string | null;
}

export const draftCommand = (input: DefinitionCommandInput): CommandDraft => ({
  ...commandDetails(input),
  environment: (input.environment ?? []).map(({ name, value = null, secret }) => ({
    name,
    value,
    secret: secret ?? value === null,
  })),
});
