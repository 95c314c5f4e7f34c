// Creating, changing and applying a definition: three ways to the same content, checked by the same rules.
import { hasRole, type Actor } from '@weft/identity';
import { done, refused, userError, type Outcome, type UserError } from '@weft/errors';
import {
  checkDraft,
  sameContent,
  submissionOf,
  type DefinitionContent,
} from '../domain/definition/definition.js';
import { draftOf, type DefinitionDraft } from '../domain/definition/draft.js';
import type { TypedInputs } from '../domain/definition/typed-inputs.js';
import { judgeReferences, type ReferenceVerdict } from '../domain/references.js';
import { checkWebhook } from './attach-webhook.js';
import type { CurrentDefinition } from './definition-ports.js';
import { poolsNow, principalsOfActor } from './find-pools.js';
import { keepDefinition } from './keep-definition.js';
import type { Ports, Work } from './ports.js';

export const DEFINITION_CHANGES = ['CREATED', 'UPDATED', 'UNCHANGED'] as const;
export type DefinitionChange = (typeof DEFINITION_CHANGES)[number];

export interface SavedDefinition {
  readonly definitionId: string;
  readonly change: DefinitionChange;
  /** What it names and is not known here yet: a start waits for it, and is refused where it does not come. */
  readonly warnings: readonly UserError[];
  /** The signing secret of the webhook, when it was made here. */
  readonly webhookSecret?: string;
}

export function createDefinition(
  ports: Ports,
  typedInputs: TypedInputs,
  actor: Actor,
  organizationId: string,
  draft: DefinitionDraft,
): Promise<Outcome<SavedDefinition>> {
  return ports.transact(async (tx) => {
    const denied = mayMaintain(actor, organizationId, 'organizationId');
    const wrong = denied === undefined ? problemsOf(ports, typedInputs, organizationId, draft) : [denied];
    if (wrong.length > 0) return refused(...wrong);
    const taken = await tx.definitions.lockName(organizationId, draft.name);
    if (taken !== undefined) return refused(nameTaken);
    return insert(ports, tx, actor, organizationId, draft);
  });
}

/** @param change what of the present one is to be different; its secrets are left out, and so kept. */
export function updateDefinition(
  ports: Ports,
  typedInputs: TypedInputs,
  actor: Actor,
  id: string,
  ifVersion: number | null,
  change: (present: DefinitionDraft) => DefinitionDraft,
): Promise<Outcome<SavedDefinition>> {
  return ports.transact(async (tx) => {
    const found = await tx.definitions.lock(id);
    const denied = mayChange(actor, found);
    if (found === undefined || denied !== undefined) return refused(denied ?? noDefinition);
    const draft = change(draftOf(found.current));
    const wrong = problemsOf(ports, typedInputs, found.definition.organizationId, draft);
    if (wrong.length > 0) return refused(...wrong);
    if (draft.name !== found.definition.name) {
      const { organizationId } = found.definition;
      if ((await tx.definitions.lockName(organizationId, draft.name)) !== undefined)
        return refused(nameTaken);
    }
    return addVersion(ports, tx, actor, found, ifVersion, draft);
  });
}

/** Creates the definition of this name, or makes it what the draft says; secrets that this leaves out stay. Applying the same again changes nothing. */
export function applyDefinition(
  ports: Ports,
  typedInputs: TypedInputs,
  actor: Actor,
  organizationId: string,
  ifVersion: number | null,
  draft: DefinitionDraft,
): Promise<Outcome<SavedDefinition>> {
  return ports.transact(async (tx) => {
    const denied = mayMaintain(actor, organizationId, 'organizationId');
    const wrong = denied === undefined ? problemsOf(ports, typedInputs, organizationId, draft) : [denied];
    if (wrong.length > 0) return refused(...wrong);
    const found = await tx.definitions.lockName(organizationId, draft.name);
    if (found !== undefined) return addVersion(ports, tx, actor, found, ifVersion, draft);
    // Version 0 is what does not exist yet.
    if (ifVersion !== null && ifVersion !== 0) return refused(otherVersion(0));
    return insert(ports, tx, actor, organizationId, draft);
  });
}

async function insert(
  ports: Ports,
  tx: Work,
  actor: Actor,
  organizationId: string,
  draft: DefinitionDraft,
): Promise<Outcome<SavedDefinition>> {
  const id = ports.chance.newId();
  const kept = keepDefinition(ports, { id, organizationId }, draft, undefined);
  if (!kept.ok) return kept;
  const { content, ...made } = kept.value;
  const { errors, unknown: warnings } = await judge(tx, actor, organizationId, content);
  if (errors.length > 0) return refused(...errors);
  const now = await tx.jobs.now();
  await tx.definitions.insert(
    {
      id,
      organizationId,
      name: content.name,
      version: 1,
      createdBy: actor.id,
      createdAt: now,
      updatedAt: now,
      deletedAt: null,
    },
    { ...content, definitionId: id, version: 1, createdBy: actor.id, createdAt: now },
  );
  return done({ definitionId: id, change: 'CREATED', warnings, ...made });
}

async function addVersion(
  ports: Ports,
  tx: Work,
  actor: Actor,
  { definition, current }: CurrentDefinition,
  ifVersion: number | null,
  draft: DefinitionDraft,
): Promise<Outcome<SavedDefinition>> {
  if (ifVersion !== null && ifVersion !== definition.version)
    return refused(otherVersion(definition.version));
  const kept = keepDefinition(ports, definition, draft, current);
  if (!kept.ok) return kept;
  const { content, ...made } = kept.value;
  const { errors, unknown: warnings } = await judge(tx, actor, definition.organizationId, content);
  if (sameContent(content, current))
    return done({ definitionId: definition.id, change: 'UNCHANGED', warnings });
  if (errors.length > 0) return refused(...errors);
  const createdAt = await tx.jobs.now();
  await tx.definitions.addVersion({
    ...content,
    definitionId: definition.id,
    version: definition.version + 1,
    createdBy: actor.id,
    createdAt,
  });
  return done({ definitionId: definition.id, change: 'UPDATED', warnings, ...made });
}

const problemsOf = (
  ports: Ports,
  typedInputs: TypedInputs,
  organizationId: string,
  draft: DefinitionDraft,
): UserError[] => [
  ...checkDraft(organizationId, draft),
  ...checkWebhook(ports, draft.template.webhook ?? undefined),
  ...typedInputs.checkSchema(organizationId, draft.inputs),
];

/** What it names may still come to be: what is not known yet is judged when it starts. */
async function judge(
  tx: Work,
  actor: Actor,
  organizationId: string,
  content: DefinitionContent,
): Promise<ReferenceVerdict> {
  const { template } = content;
  const references = await tx.references.find(template.serviceVersionId, template.targetId, template);
  const { errors, unknown } = judgeReferences(organizationId, template, references);
  // Data pools are looked up at each start, with what whoever starts it is: here they are only warned of.
  const submission = submissionOf(organizationId, content, null, {}, principalsOfActor(actor));
  const pools = await poolsNow(tx.references, submission);
  return { errors, unknown: [...unknown, ...(pools.ok ? [] : pools.errors)] };
}

/** Why this actor may not change it, if so. A definition that it may not see is none. */
export function mayChange(actor: Actor, found: CurrentDefinition | undefined): UserError | undefined {
  if (found === undefined || !hasRole(actor, found.definition.organizationId, 'VIEWER')) return noDefinition;
  if (!hasRole(actor, found.definition.organizationId, 'MAINTAINER')) return notMaintainer('id');
  return found.definition.deletedAt === null ? undefined : noDefinition;
}

const mayMaintain = (actor: Actor, organizationId: string, field: string): UserError | undefined =>
  hasRole(actor, organizationId, 'MAINTAINER') ? undefined : notMaintainer(field);

const notMaintainer = (field: string): UserError =>
  userError('FORBIDDEN', 'This needs the role MAINTAINER in the organization.', 'input', field);

const noDefinition = userError('NOT_FOUND', 'There is no such job definition.', 'input', 'id');

const nameTaken = userError(
  'CONFLICT',
  'The organization has a job definition of this name; change that one, or choose another name.',
  'input',
  'name',
);

const otherVersion = (version: number): UserError =>
  userError(
    'CONFLICT',
    version === 0
      ? 'There is no job definition of this name yet; leave ifVersion out, or pass 0.'
      : `It was changed since: it has version ${version} now. Look at that one and try again.`,
    'input',
    'ifVersion',
  );
