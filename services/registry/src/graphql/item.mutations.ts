import type { Outcome } from '@weft/errors';
import { payload } from '@weft/subgraph';
import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import {
  AliasInputType,
  CloneItemInputType,
  CompleteItemInputType,
  CreateItemInputType,
  CreateItemVersionInputType,
  DecideAccessInputType,
  EditItemInputType,
  LockItemInputType,
  RequestAccessInputType,
  RevertItemInputType,
  SetItemAccessInputType,
  TransferItemInputType,
  WithdrawItemInputType,
} from './item.input.js';
import { AccessRequestPayload, CreateItemPayload, ItemPayload } from './item.type.js';
import type { RegistryContext } from './registry-context.js';

/** The item as it is after the change: read anew, for the request may have read it before. */
async function changed(
  { provenance, items }: RegistryContext,
  outcome: Promise<Outcome<{ readonly itemId: string }>>,
): Promise<object> {
  const settled = await outcome;
  provenance.forget();
  items.forget();
  const item = settled.ok ? await provenance.node(settled.value.itemId) : null;
  return payload(Promise.resolve(settled), () => ({ item }));
}

@Resolver()
export class ItemMutations {
  @Mutation(() => CreateItemPayload, {
    description:
      'Registers an item and mints its persistent identifier. Of a complete entity, two jobs then write down its provenance: see `Item.workflow`. Needs the role MAINTAINER in the organization.',
  })
  async createItem(
    @Arg('input', () => CreateItemInputType, { description: 'The new item.' }) input: CreateItemInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    const outcome = await context.itemCases.createItem(context, input);
    const { repeated } = outcome.ok ? outcome.value : { repeated: null };
    return { ...(await changed(context, Promise.resolve(outcome))), repeated };
  }

  @Mutation(() => ItemPayload, {
    description:
      'Gives a seed its content. Of an entity, two jobs then write down its provenance. Needs METADATA_WRITE.',
  })
  completeItem(
    @Arg('input', () => CompleteItemInputType, { description: 'The content.' }) input: CompleteItemInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.itemCases.completeItem(context, input));
  }

  @Mutation(() => ItemPayload, {
    description:
      'Changes an item in place; what it was stays in its history. An edit that changes nothing leaves no revision. Needs METADATA_WRITE. For a change of what the item is, make a new version.',
  })
  editItem(
    @Arg('input', () => EditItemInputType, { description: 'The change.' }) input: EditItemInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.itemCases.editItem(context, input));
  }

  @Mutation(() => ItemPayload, {
    description: 'Brings the content of an earlier revision back, as a new revision. Needs METADATA_WRITE.',
  })
  revertItem(
    @Arg('input', () => RevertItemInputType, { description: 'Which content.' }) input: RevertItemInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.itemCases.revertItem(context, input));
  }

  @Mutation(() => ItemPayload, {
    description:
      'Makes the next version: a new item with its own identifier, the content and rights of the latest one, linked with it; two jobs write down its provenance. Edit the copy then. Needs ADMIN; of datasets, dataset templates, models and workflow templates.',
  })
  createItemVersion(
    @Arg('input', () => CreateItemVersionInputType, { description: 'Of what, and why.' })
    input: CreateItemVersionInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.itemCases.createItemVersion(context, input));
  }

  @Mutation(() => ItemPayload, {
    description:
      'Copies an item under a new identifier without linking the two. Needs METADATA_READ, and MAINTAINER where the copy goes.',
  })
  cloneItem(
    @Arg('input', () => CloneItemInputType, { description: 'What is copied, and where to.' })
    input: CloneItemInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.itemCases.cloneItem(context, input));
  }

  @Mutation(() => ItemPayload, {
    description: 'Locks an item: nobody edits it until it is unlocked. Needs ADMIN. May be repeated.',
  })
  lockItem(
    @Arg('input', () => LockItemInputType, { description: 'Which item, and why.' }) input: LockItemInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.itemCases.lockItem(context, input));
  }

  @Mutation(() => ItemPayload, { description: 'Ends the lock of an item. Needs ADMIN. May be repeated.' })
  unlockItem(
    @Arg('input', () => LockItemInputType, { description: 'Which item, and why.' }) input: LockItemInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.itemCases.unlockItem(context, input));
  }

  @Mutation(() => ItemPayload, {
    description: 'Says who may do what with an item, in the place of what was said before. Needs ADMIN.',
  })
  setItemAccess(
    @Arg('input', () => SetItemAccessInputType, { description: 'The grants.' })
    { id, grants }: SetItemAccessInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    const given = grants.map(({ principalId, ...grant }) => ({ ...grant, principalId: principalId ?? null }));
    return changed(context, context.itemCases.setItemAccess(context, { id, grants: given }));
  }

  @Mutation(() => ItemPayload, {
    description:
      'Gives an item to another organization, to another owner, or both; what the old organization was granted ends. Needs ADMIN on the item.',
  })
  transferItem(
    @Arg('input', () => TransferItemInputType, { description: 'To whom.' }) input: TransferItemInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.itemCases.transferItem(context, input));
  }

  @Mutation(() => ItemPayload, {
    description:
      'Takes an item out of use for ever: it cannot be changed or newly referred to; what it was and its lineage stay as a tombstone. Needs ADMIN.',
  })
  withdrawItem(
    @Arg('input', () => WithdrawItemInputType, { description: 'Which item, and why.' })
    input: WithdrawItemInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.itemCases.withdrawItem(context, input));
  }

  @Mutation(() => ItemPayload, {
    description:
      'Lets a name such as `prod` point to this version, whichever of its series it pointed to before. Needs ADMIN.',
  })
  moveItemAlias(
    @Arg('input', () => AliasInputType, { description: 'The name and the version.' }) input: AliasInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.itemCases.moveItemAlias(context, input));
  }

  @Mutation(() => ItemPayload, { description: 'Forgets a name of the series of an item. Needs ADMIN.' })
  removeItemAlias(
    @Arg('input', () => AliasInputType, { description: 'The name and a version of the series.' })
    input: AliasInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.itemCases.removeItemAlias(context, input));
  }

  @Mutation(() => AccessRequestPayload, {
    description:
      'Asks those who administer an item for roles on it. One open request for each item and user.',
  })
  requestItemAccess(
    @Arg('input', () => RequestAccessInputType, { description: 'The roles, and what for.' })
    input: RequestAccessInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return payload(context.itemCases.requestItemAccess(context, input), (made) => made);
  }

  @Mutation(() => AccessRequestPayload, {
    description: 'Grants or rejects a request for roles on an item. Needs ADMIN on it.',
  })
  decideItemAccess(
    @Arg('input', () => DecideAccessInputType, { description: 'The decision.' }) input: DecideAccessInputType,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return payload(context.itemCases.decideItemAccess(context, input), (made) => made);
  }

  @Mutation(() => AccessRequestPayload, { description: "Takes one's own open request for roles back." })
  cancelItemAccessRequest(
    @Arg('requestId', () => ID, { description: 'Id of the request.' }) requestId: string,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return payload(context.itemCases.cancelItemAccessRequest(context, { requestId }), (made) => made);
  }

  @Mutation(() => ItemPayload, {
    description:
      'Says which registered person the caller is; provenance of what he does from now on names that one. Needs METADATA_WRITE on the person.',
  })
  linkPerson(
    @Arg('id', () => ID, { description: 'Id or pid of a complete item of the type PERSON.' }) id: string,
    @Ctx() context: RegistryContext,
  ): Promise<object> {
    return changed(context, context.itemCases.linkPerson(context, { id }));
  }
}
