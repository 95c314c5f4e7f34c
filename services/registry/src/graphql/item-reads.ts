import { pageRequest } from '@weft/database';
import { AppError } from '@weft/errors';
import type { Actor } from '@weft/identity';
import DataLoader from 'dataloader';
import type {
  FoundItem,
  ItemAlias,
  ItemReader,
  ListedRequest,
  LockEvent,
  NumberedPage,
  RequestsOf,
  SearchRequest,
} from '../application/item-reader.js';
import type { ListedItem } from '../application/ports.js';
import { rolesOf, type ItemRole } from '../domain/access.js';
import type { AccessRequestState } from '../domain/access-request.js';
import type { ActivityWorkflow } from '../domain/activity-workflow.js';
import { normalizeReference, type ItemRevision, type RegisteredItem } from '../domain/item.js';
import { isItem, type ProvenanceNode } from '../domain/node.js';
import { assertMayRead, inGroups, viewerOf, type PageArguments, type Slice } from './provenance.js';

/** Reads of registered items for one request, batched. Their nodes were read before, and with them the right to read. */
export interface ItemReads {
  /** What is asked from now on is read anew. */
  forget(): void;
  /** Null: the node is not registered. */
  record(node: ProvenanceNode): Promise<RegisteredItem | null>;
  /** Public id of what an id or pid names; null: of nothing. */
  idOf(reference: string): Promise<string | null>;
  nodeOfKey(key: number | null | undefined): Promise<ProvenanceNode | null>;
  roles(item: RegisteredItem): ReadonlySet<ItemRole>;
  history(item: RegisteredItem, page: PageArguments): Promise<Slice<ItemRevision>>;
  lockHistory(item: RegisteredItem, page: PageArguments): Promise<Slice<LockEvent>>;
  versions(
    item: RegisteredItem,
    page: PageArguments,
  ): Promise<Slice<{ readonly version: number; readonly node: ProvenanceNode }>>;
  aliases(item: RegisteredItem): Promise<readonly ItemAlias[]>;
  workflows(item: RegisteredItem): Promise<readonly ActivityWorkflow[]>;
  search(request: Omit<SearchRequest, 'first' | 'after'>, page: PageArguments): Promise<Slice<FoundItem>>;
  accessRequests(
    of: { readonly key: number } | { readonly userId: string },
    state: AccessRequestState | undefined,
    page: PageArguments,
  ): Promise<Slice<ListedRequest>>;
  /** Those that the viewer may decide, or might have. */
  accessRequestsToDecide(
    state: AccessRequestState | undefined,
    page: PageArguments,
  ): Promise<Slice<ListedRequest>>;
  person(): Promise<ProvenanceNode | null>;
  /** Items that name this one in their metadata. */
  naming(node: ProvenanceNode, page: PageArguments): Promise<Slice<ListedItem>>;
  countNaming(node: ProvenanceNode): Promise<number>;
}

interface NumberedKey<Key> extends NumberedPage {
  readonly key: Key;
}

export function itemReadsFor(actor: Actor, reader: ItemReader): ItemReads {
  const viewer = viewerOf(actor);

  const records = new DataLoader<number, RegisteredItem | null>(async (keys) => {
    const found = new Map((await reader.records(keys)).map((item) => [item.key, item]));
    return keys.map((key) => found.get(key) ?? null);
  });
  const ids = new DataLoader<string, string | null>(async (references) => {
    const found = await reader.idsOf(references);
    return references.map((reference) => found.get(reference) ?? null);
  });
  const nodes = new DataLoader<number, ProvenanceNode | null>(async (keys) => {
    const found = new Map((await reader.nodesByKey(viewer, keys)).map((node) => [node.key, node]));
    return keys.map((key) => found.get(key) ?? null);
  });
  const aliases = new DataLoader<string, readonly ItemAlias[]>(async (series) => {
    const found = await reader.aliases(series);
    return series.map((one) => found.get(one) ?? []);
  });
  const workflows = new DataLoader<number, readonly ActivityWorkflow[]>(async (keys) => {
    const found = await reader.workflows(keys);
    return keys.map((key) => found.get(key) ?? []);
  });

  const paged: { clearAll(): unknown }[] = [];
  const numbered = <Key, Row>(
    read: (keys: readonly Key[], page: NumberedPage) => Promise<Map<Key, Row[]>>,
  ): ((key: Key, page: PageArguments) => Promise<Slice<Row>>) => {
    const loader = new DataLoader<NumberedKey<Key>, Row[], string>(
      inGroups(
        ({ first, below }) => `${first} ${below}`,
        async (wanted, { first, below }) => {
          const found = await read(
            wanted.map(({ key }) => key),
            { first, below },
          );
          return wanted.map(({ key }) => found.get(key) ?? []);
        },
      ),
      { cacheKeyFn: ({ key, first, below }) => `${String(key)} ${first} ${below}` },
    );
    paged.push(loader);
    return async (key, page) => {
      const { first, after } = pageRequest(page.first, page.after, ['integer']);
      const rows = await loader.load({ key, first, below: after?.[0] as number | undefined });
      return { rows, first, continued: after !== undefined };
    };
  };
  const history = numbered<number, ItemRevision>((keys, page) => reader.history(keys, page));
  const locks = numbered<number, LockEvent>((keys, page) => reader.lockHistory(keys, page));
  const versions = numbered<string, { version: number; node: ProvenanceNode }>((series, page) =>
    reader.versions(viewer, series, page),
  );

  const accessRequests = async (
    of: RequestsOf,
    state: AccessRequestState | undefined,
    page: PageArguments,
  ): Promise<Slice<ListedRequest>> => {
    assertMayRead(actor);
    const { first, after } = pageRequest(page.first, page.after, ['time', 'uuid']);
    const position = after === undefined ? undefined : { at: String(after[0]), id: String(after[1]) };
    const rows = await reader.accessRequests(of, state, { first, after: position });
    return { rows, first, continued: after !== undefined };
  };

  return {
    forget() {
      for (const loader of [records, nodes, aliases, workflows, ...paged]) loader.clearAll();
    },
    record: (node) => (node.registered ? records.load(node.key) : Promise.resolve(null)),
    idOf: (reference) => ids.load(normalizeReference(reference)),
    nodeOfKey: (key) => (key === null || key === undefined ? Promise.resolve(null) : nodes.load(key)),
    roles: (item) => rolesOf(viewer.principals, item),
    history: (item, page) => history(item.key, page),
    lockHistory: (item, page) => locks(item.key, page),
    versions: (item, page) => versions(item.seriesId, page),
    aliases: (item) => aliases.load(item.seriesId),
    workflows: (item) => workflows.load(item.key),
    async search(request, page) {
      assertMayRead(actor);
      const { first, after } = pageRequest(page.first, page.after);
      const position = after === undefined ? undefined : positionOf(after);
      return {
        rows: await reader.search(viewer, { ...request, first, after: position }),
        first,
        continued: after !== undefined,
      };
    },
    accessRequests,
    accessRequestsToDecide: (state, page) => accessRequests({ deciders: viewer.principals }, state, page),
    async naming({ key }, page) {
      const { first, after } = pageRequest(page.first, page.after, ['uuid']);
      const rows = await reader.naming(viewer, key, first, after?.[0] as string | undefined);
      const listed = rows.filter(isItem).map((node): ListedItem => ({ node, position: [node.id] }));
      return { rows: listed, first, continued: after !== undefined };
    },
    countNaming: ({ key }) => reader.countNaming(viewer, key),
    async person() {
      assertMayRead(actor);
      return (await reader.personOf(viewer, actor.id)) ?? null;
    },
  };
}

/** The id that a client means: it may give a pid where an id is asked for. */
export const nodeIdOf = async (items: ItemReads, reference: string): Promise<string> =>
  UUID.test(reference) ? reference : ((await items.idOf(reference)) ?? reference);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function positionOf(after: readonly (string | number)[]): { id: string; score: string } {
  const [score, id] = after;
  if (after.length !== 2 || !UUID.test(String(id)) || !/^\d{1,6}(\.\d{1,6})?$/.test(String(score)))
    throw new AppError('BAD_USER_INPUT', 'The cursor is not one that this list gave.', { argument: 'after' });
  return { id: String(id), score: String(score) };
}
