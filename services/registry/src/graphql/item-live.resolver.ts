import { AppError } from '@weft/errors';
import { LiveIterator } from '@weft/subgraph';
import { Arg, Directive, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import type { ProvenanceNode } from '../domain/node.js';
import { ItemChangedType } from './item.type.js';
import { assertMayRead } from './provenance.js';
import type { RegistryContext } from './registry-context.js';

interface ItemChangedArgs {
  readonly id: string;
  readonly after?: number | null;
}

interface ItemNews {
  readonly seq: number;
  readonly node: ProvenanceNode;
}

/** The item as it is, whenever that is newer than what was told: several changes may be told as one. */
async function subscribe({
  args,
  context,
}: {
  args: unknown;
  context: unknown;
}): Promise<AsyncIterableIterator<ItemNews>> {
  const { id, after } = args as ItemChangedArgs;
  const { actor, items, provenance, itemBell } = context as RegistryContext;
  assertMayRead(actor);
  if (typeof after === 'number' && after < 0)
    throw new AppError('BAD_USER_INPUT', '"after" is a position, 0 or more.', { argument: 'after' });
  const itemId = await items.idOf(id);
  const unknown = new AppError(
    'NOT_FOUND',
    'No registered item with this id or pid exists that you may see.',
    { id },
  );
  // Each payload is read anew, all its fields too.
  const look = async (): Promise<ItemNews | null> => {
    provenance.forget();
    items.forget();
    const node = itemId === null ? null : await provenance.node(itemId);
    const item = node === null ? null : await items.record(node);
    return item === null || node === null ? null : { seq: item.seq, node };
  };
  if (itemId === null || (await look()) === null) throw unknown;
  let told = after ?? 0;
  const iterator = new LiveIterator<ItemNews>(
    async () => {
      const now = await look();
      // What the reader may no longer see ends as if it had never been there.
      if (now === null) throw unknown;
      if (now.seq <= told) return undefined;
      told = now.seq;
      return { done: false, value: now };
    },
    () => stop(),
  );
  const stop = itemBell.listen(itemId, () => iterator.wake());
  return iterator;
}

@Resolver()
export class ItemLiveResolver {
  @Directive('@live(after: "after", position: "seq")')
  @Subscription(() => ItemChangedType, {
    description:
      'Follows one registered item: the first payload is the item as it is, then as it is after each change - edits, locks, rights, versions, its workflow. Changes close to each other may come as one.',
    subscribe: subscribe as never,
  })
  itemChanged(
    @Root() { seq, node }: ItemNews,
    @Arg('id', () => ID, { description: 'Id or pid of the item.' }) _id: string,
    @Arg('after', () => Int, { nullable: true, description: 'Position already seen; 0 when left out.' })
    _after?: number | null,
  ): ItemChangedType {
    return { seq, item: node };
  }
}
