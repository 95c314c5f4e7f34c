// A definition as somebody asks for it. Secrets come in the clear or not at all: one that is left out keeps its value.
import type { Command, EnvironmentVariable } from '../command.js';
import type { WebhookRequest } from '../webhook/webhook.js';
import type { DefinitionContent, TemplateBase } from './definition.js';

/** @param value null: this secret keeps the value that the definition has for it. */
export type DraftVariable = Omit<EnvironmentVariable, 'value'> & { readonly value: string | null };

export type CommandDraft = Omit<Command, 'environment'> & { readonly environment: readonly DraftVariable[] };

export interface TemplateDraft extends TemplateBase {
  readonly command: CommandDraft | null;
  /** Without a secret it keeps that of the definition; where there is none, one is made and shown once. */
  readonly webhook: WebhookRequest | null;
}

export interface DefinitionDraft extends Omit<DefinitionContent, 'template'> {
  readonly template: TemplateDraft;
}

/** The draft that changes nothing. */
export function draftOf({ name, description, inputs, template }: DefinitionContent): DefinitionDraft {
  const { format: _format, kind: _kind, codeArtifactId, command, webhook, ...base } = template;
  const environment = (command?.environment ?? []).map((one) => ({
    name: one.name,
    secret: one.secret,
    value: one.secret ? null : one.value,
  }));
  return {
    name,
    description,
    inputs,
    template: {
      ...base,
      command: command && { ...command, codeArtifactId, environment },
      webhook: webhook && { url: webhook.url, secret: null },
    },
  };
}

/** @param kept the value of a secret that is left out. */
export const commandOfDraft = (
  { environment, ...rest }: CommandDraft,
  kept: (name: string, index: number) => string,
): Command => ({
  ...rest,
  environment: environment.map(({ name, secret, value }, index) => ({
    name,
    secret,
    value: value ?? kept(name, index),
  })),
});
