import { GraphQLJSON } from 'graphql-scalars';
import { Arg, Args, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { stateOfWorkflow, type ActivityWorkflow } from '../domain/activity-workflow.js';
import type { RegisteredItem } from '../domain/item.js';
import type { ProvenanceNode } from '../domain/node.js';
import { PageArgs } from './connection.type.js';
import { pointer, UserType } from './foreign.type.js';
import { AccessRequestStateEnum, ItemRoleEnum, RecordTypeEnum } from './item-enums.js';
import {
  AccessRequestConnectionType,
  ActivityWorkflowType,
  AliasType,
  GrantType,
  presentGrant,
  LockEventConnectionType,
  presentLock,
  presentRequest,
  presentRevision,
  presentSlice,
  presentWithdrawal,
  RevisionConnectionType,
  VersionConnectionType,
  WithdrawalType,
  AccessRequestType,
} from './item.type.js';
import { ItemType } from './node.type.js';
import type { RegistryContext } from './registry-context.js';
import type { AccessRequestState } from '../domain/access-request.js';

const ONLY = 'Null for what the platform recorded by itself.';

const presentWorkflow = ({ steps, ...workflow }: ActivityWorkflow): ActivityWorkflowType => ({
  ...workflow,
  state: stateOfWorkflow(steps),
  steps: steps.map(({ key, state, jobId }) => ({ key, state, job: { id: jobId } })),
});

/** What an item has because people registered it. */
@Resolver(() => ItemType)
export class ItemFieldsResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: `Persistent identifier, such as \`ark:99999/w1…\`: it always means this version. ${ONLY}`,
  })
  pid(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) => item.pid);
  }

  @FieldResolver(() => RecordTypeEnum, { nullable: true, description: `How far it is. ${ONLY}` })
  recordType(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) => item.recordType);
  }

  @FieldResolver(() => GraphQLJSON, {
    nullable: true,
    description: `What is said of it: JSON that fits the schema of its type (\`itemType\`). Null for a seed. ${ONLY}`,
  })
  metadata(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) => item.metadata);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: `Version of the schema that its metadata fits. ${ONLY}`,
  })
  schemaVersion(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) => item.schemaVersion);
  }

  @FieldResolver(() => [String], { description: 'Words for finding and sorting, chosen freely.' })
  async tags(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return (await of(context, node, (item) => item.tags)) ?? [];
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: `Counts its edits, from 1; \`expectedRevision\` of an edit is compared with it. ${ONLY}`,
  })
  revision(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) => item.revision);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: `Counts every change of it, also of locks, rights and workflows: position for \`itemChanged\`. ${ONLY}`,
  })
  seq(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) => item.seq);
  }

  @FieldResolver(() => Date, { nullable: true, description: `When it was last changed. ${ONLY}` })
  updatedAt(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) => item.updatedAt);
  }

  @FieldResolver(() => UserType, { nullable: true, description: `Who registered it. ${ONLY}` })
  createdBy(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) => pointer(item.createdBy));
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: `Who may do everything with it, as long as he is a member of the organization that owns it. ${ONLY}`,
  })
  owner(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) => pointer(item.ownerId));
  }

  @FieldResolver(() => [ItemRoleEnum], { description: 'What the caller may do with it.' })
  async myRoles(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return (await of(context, node, (item) => [...context.items.roles(item)])) ?? ['METADATA_READ'];
  }

  @FieldResolver(() => [GrantType], {
    nullable: true,
    description: `Who has which roles, beside its owner and the OWNERs of its organization, who have all. Null without the role ADMIN. ${ONLY}`,
  })
  access(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) =>
      context.items.roles(item).has('ADMIN') ? item.grants.map(presentGrant) : null,
    );
  }

  @FieldResolver(() => AccessRequestConnectionType, {
    nullable: true,
    description: `Who asked for roles on it, the last first. Null without the role ADMIN. ${ONLY}`,
  })
  async accessRequests(
    @Root() node: ProvenanceNode,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('state', () => AccessRequestStateEnum, {
      nullable: true,
      description: 'Only those; all when left out.',
    })
    state: AccessRequestState | null | undefined,
    @Ctx() context: RegistryContext,
  ) {
    const item = await context.items.record(node);
    if (item === null || !context.items.roles(item).has('ADMIN')) return null;
    const slice = await context.items.accessRequests({ key: item.key }, state ?? undefined, page);
    return presentSlice(slice, ({ requestedAt, id }) => [requestedAt.toISOString(), id], presentRequest);
  }

  @FieldResolver(() => Boolean, { description: 'Whether it is locked against edits.' })
  async locked(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return (await of(context, node, (item) => item.locked)) ?? false;
  }

  @FieldResolver(() => LockEventConnectionType, {
    nullable: true,
    description: `When and why it was locked and unlocked. ${ONLY}`,
  })
  async lockHistory(
    @Root() node: ProvenanceNode,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: RegistryContext,
  ) {
    return of(context, node, async (item) =>
      presentSlice(await context.items.lockHistory(item, page), (event) => [event.number], presentLock),
    );
  }

  @FieldResolver(() => WithdrawalType, {
    nullable: true,
    description: 'When and why it was taken out of use; null while it is not.',
  })
  withdrawn(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) => item.withdrawn && presentWithdrawal(item.withdrawn));
  }

  @FieldResolver(() => RevisionConnectionType, {
    nullable: true,
    description: `Its edits, the last first. ${ONLY}`,
  })
  async history(
    @Root() node: ProvenanceNode,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: RegistryContext,
  ) {
    return of(context, node, async (item) =>
      presentSlice(await context.items.history(item, page), ({ revision }) => [revision], presentRevision),
    );
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: `Number of this version in its series, from 1. ${ONLY}`,
  })
  version(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) => item.version);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why this version was made; null for the first.',
  })
  versionReason(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) => item.versionReason);
  }

  @FieldResolver(() => ItemType, { nullable: true, description: 'The version before; null for the first.' })
  previousVersion(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) => context.items.nodeOfKey(item.previousKey));
  }

  @FieldResolver(() => ItemType, {
    nullable: true,
    description: 'The version after it; null for the latest.',
  })
  nextVersion(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, (item) => context.items.nodeOfKey(item.nextKey));
  }

  @FieldResolver(() => ItemType, {
    nullable: true,
    description: `The latest version that the caller may read. ${ONLY}`,
  })
  latestVersion(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(
      context,
      node,
      async (item) => (await context.items.versions(item, { first: 1 })).rows[0]?.node ?? null,
    );
  }

  @FieldResolver(() => VersionConnectionType, {
    nullable: true,
    description: `All versions of it that the caller may read, the last first. ${ONLY}`,
  })
  async versions(
    @Root() node: ProvenanceNode,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: RegistryContext,
  ) {
    return of(context, node, async (item) =>
      presentSlice(
        await context.items.versions(item, page),
        (row) => [row.version],
        (row) => row.node,
      ),
    );
  }

  @FieldResolver(() => [AliasType], { description: 'Names that point to versions of its series.' })
  async aliases(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    const found = (await of(context, node, (item) => context.items.aliases(item))) ?? [];
    return found.map(({ movedBy, ...alias }) => ({ ...alias, movedBy: { id: movedBy } }));
  }

  @FieldResolver(() => ItemType, {
    nullable: true,
    description: 'The version that a name such as `prod` (or `latest`) points to; null when none does.',
  })
  async alias(
    @Root() node: ProvenanceNode,
    @Arg('name', () => String, { description: 'The name, with or without `@`.' }) name: string,
    @Ctx() context: RegistryContext,
  ) {
    const wanted = name.replace(/^@/, '');
    if (wanted === 'latest') return this.latestVersion(node, context);
    return of(context, node, async (item) => {
      const found = (await context.items.aliases(item)).find((one) => one.name === wanted);
      return context.items.nodeOfKey(found?.key);
    });
  }

  @FieldResolver(() => ActivityWorkflowType, {
    nullable: true,
    description:
      'The workflow that writes down how it came to be, or what a model run did: the last one; null for other activities, agents, seeds and what was recorded.',
  })
  workflow(@Root() node: ProvenanceNode, @Ctx() context: RegistryContext) {
    return of(context, node, async (item) => {
      const [latest] = await context.items.workflows(item);
      return latest === undefined ? null : presentWorkflow(latest);
    });
  }
}

@Resolver(() => ActivityWorkflowType)
export class ActivityWorkflowResolver {
  @FieldResolver(() => ItemType, {
    nullable: true,
    description: 'The registered activity; null until the first job has succeeded.',
  })
  activity(@Root() { activityId }: ActivityWorkflowType, @Ctx() { provenance }: RegistryContext) {
    return activityId === null ? null : provenance.node(activityId);
  }
}

@Resolver(() => AliasType)
export class AliasResolver {
  @FieldResolver(() => ItemType, {
    nullable: true,
    description: 'The version that it points to; null when the caller may not read that one.',
  })
  item(@Root() { key }: AliasType, @Ctx() { items }: RegistryContext) {
    return items.nodeOfKey(key);
  }
}

@Resolver(() => AccessRequestType)
export class AccessRequestResolver {
  @FieldResolver(() => ItemType, {
    nullable: true,
    description: 'The item; null when the caller may no longer see it.',
  })
  item(@Root() { itemId }: AccessRequestType, @Ctx() { provenance }: RegistryContext) {
    return provenance.node(itemId);
  }
}

async function of<T>(
  { items }: RegistryContext,
  node: ProvenanceNode,
  take: (item: RegisteredItem) => T | Promise<T>,
): Promise<T | null> {
  const item = await items.record(node);
  return item === null ? null : take(item);
}
