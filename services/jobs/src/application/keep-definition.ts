// Between a definition as it is asked for, as it is kept, and as it is started: its secrets are sealed for the
// definition, whatever its version, so that a new version takes along what nobody gave again.
import { AppError, done, refused, userError, type Outcome, type UserError } from '@weft/errors';
import { checkCommand, type Command, type StoredCommand } from '../domain/command.js';
import type {
  DefinitionContent,
  StoredWebhook,
  SubmissionTemplate,
} from '../domain/definition/definition.js';
import { commandOfDraft, type CommandDraft, type DefinitionDraft } from '../domain/definition/draft.js';
import type { WebhookRequest } from '../domain/webhook/webhook.js';
import { writeWebhookSecret } from '../domain/webhook/webhook-secret.js';
import { judgeWebhookUrl } from '../domain/webhook/webhook-url.js';
import type { Ports, Secrets } from './ports.js';
import { secretPlace } from './webhook-ports.js';

export interface KeptDefinition {
  readonly content: DefinitionContent;
  /** The signing secret of the webhook, when it was made here. */
  readonly webhookSecret?: string;
}

const placeOf = (definitionId: string, name: string): string => `job_definition:${definitionId}:${name}`;

/**
 * The draft as it is stored, its template in full. A secret that is what it was keeps its sealed text, so that equal
 * content is equal text.
 * @param present what the definition is now, if it is already.
 */
export function keepDefinition(
  ports: Pick<Ports, 'secrets' | 'webhooks'>,
  { id, organizationId }: { readonly id: string; readonly organizationId: string },
  { template, ...draft }: DefinitionDraft,
  present: DefinitionContent | undefined,
): Outcome<KeptDefinition> {
  const { command: asked, webhook: wanted, ...base } = template;
  const command =
    asked === null ? done(null) : keepCommand(ports.secrets, id, asked, present?.template.command ?? null);
  if (!command.ok) return command;
  const kept = keepWebhook(ports, organizationId, wanted, present?.template.webhook ?? null);
  const { webhook, ...made } = kept;
  return done({
    content: {
      ...draft,
      template: {
        ...base,
        format: 1,
        kind: asked === null ? 'MANAGED_SERVICE' : 'COMMAND',
        command: command.value,
        codeArtifactId: asked?.codeArtifactId ?? null,
        webhook,
      },
    },
    ...made,
  });
}

function keepCommand(
  secrets: Secrets,
  definitionId: string,
  draft: CommandDraft,
  present: StoredCommand | null,
): Outcome<StoredCommand> {
  const sealed = new Map(
    (present?.environment ?? []).flatMap((one) => (one.secret ? [[one.name, one.sealed] as const] : [])),
  );
  const errors: UserError[] = [];
  const command = commandOfDraft(draft, (name, index) => {
    const value = openedOr(secrets, sealed.get(name), placeOf(definitionId, name));
    if (value === undefined)
      errors.push({
        ...(sealed.has(name) ? unreadable(name) : nothingToKeep),
        path: ['input', 'command', 'environment', String(index), 'value'],
      });
    return value ?? '';
  });
  // Once more: with the values that were kept all of them together may be too large.
  if (errors.length === 0) errors.push(...checkCommand(command));
  if (errors.length > 0) return refused(...errors);
  const { codeArtifactId: _beside, environment, ...rest } = command;
  return done({
    ...rest,
    environment: environment.map(({ name, value, secret }) => {
      if (!secret) return { name, secret, value };
      const [place, before] = [placeOf(definitionId, name), sealed.get(name)];
      const same = before !== undefined && openedOr(secrets, before, place) === value;
      return { name, secret, sealed: same ? before : secrets.seal(value, place) };
    }),
  });
}

/** What the jobs of this definition run, with its secrets in the clear for as long as the start lasts. */
export function openCommandOf(
  secrets: Secrets,
  definitionId: string,
  { command, codeArtifactId }: SubmissionTemplate,
): Outcome<Command | null> {
  if (command === null) return done(null);
  const errors: UserError[] = [];
  const environment = command.environment.map((one) => {
    if (!one.secret) return one;
    const value = openedOr(secrets, one.sealed, placeOf(definitionId, one.name));
    if (value === undefined) errors.push(unreadable(one.name));
    return { name: one.name, secret: true, value: value ?? '' };
  });
  return errors.length > 0 ? refused(...errors) : done({ ...command, codeArtifactId, environment });
}

/** The request has passed `checkWebhook`. */
function keepWebhook(
  { secrets, webhooks }: Pick<Ports, 'secrets' | 'webhooks'>,
  organizationId: string,
  request: WebhookRequest | null,
  present: StoredWebhook | null,
): { webhook: StoredWebhook | null; webhookSecret?: string } {
  if (request === null) return { webhook: null };
  const verdict = judgeWebhookUrl(request.url, webhooks.policy);
  if (!verdict.ok) throw new Error('a webhook was kept without a check');
  const place = secretPlace(organizationId);
  const same =
    present !== null &&
    (request.secret === null || openedOr(secrets, present.sealedSecret, place) === request.secret);
  if (same) return { webhook: { url: verdict.url, sealedSecret: present.sealedSecret } };
  const secret = request.secret ?? writeWebhookSecret(webhooks.newKey());
  return {
    webhook: { url: verdict.url, sealedSecret: secrets.seal(secret, place) },
    ...(request.secret === null ? { webhookSecret: secret } : {}),
  };
}

/** The webhook of a definition that goes over to another organization. */
export function sealedFor(
  secrets: Secrets,
  from: string,
  to: string,
  webhook: StoredWebhook | null,
): Outcome<StoredWebhook | null> {
  if (webhook === null) return done(null);
  const secret = openedOr(secrets, webhook.sealedSecret, secretPlace(from));
  if (secret === undefined) return refused(unreadable('the webhook secret'));
  return done({ ...webhook, sealedSecret: secrets.seal(secret, secretPlace(to)) });
}

/** Undefined when there is none, or none that can be read any more. */
function openedOr(secrets: Secrets, sealed: string | undefined, place: string): string | undefined {
  if (sealed === undefined) return undefined;
  try {
    return secrets.open(sealed, place);
  } catch (error) {
    if (error instanceof AppError && error.code === 'SECRET_UNREADABLE') return undefined;
    throw error;
  }
}

const nothingToKeep = userError(
  'BAD_USER_INPUT',
  'The definition has no secret of this name whose value it could keep: give it one.',
);

const unreadable = (name: string): UserError =>
  userError(
    'SECRET_UNREADABLE',
    `The value of ${name} cannot be read any more: give it anew.`,
    'input',
    'command',
  );
