import { AppError } from '@weft/errors';
import { hasScope, organizationIds, type Actor } from '@weft/identity';
import { pageRequest } from '@weft/database';
import DataLoader from 'dataloader';
import type { ProvenanceReads, Related } from '../application/lineage-ports.js';
import type { ProvenanceRecord } from '../application/record-reader.js';
import type {
  Hop,
  HopRequest,
  ItemFilter,
  ItemOrder,
  ListedItem,
  Position,
  RoleFilter,
  TargetNamed,
  Viewer,
} from '../application/ports.js';
import { readLineage, type LineageReader } from '../application/read-lineage.js';
import type { Direction } from '../domain/lineage.js';
import type { Activity, ProvenanceNode, Relation } from '../domain/node.js';
import { principalsOf } from '../domain/principal.js';

/** One page of rows, one row more than asked when there is more. */
export interface Slice<Row> {
  readonly rows: readonly Row[];
  readonly first: number;
  readonly continued: boolean;
}

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** Reads for one request: scoped to its actor's organizations, and batched, so that a list costs a query per field and not per row. */
export interface Provenance {
  /** What is asked from now on is read anew. */
  forget(): void;
  node(id: string): Promise<ProvenanceNode | null>;
  activityOfJob(jobId: string): Promise<Activity | null>;
  /** What stands for a thing of another service. */
  ofArtifact(id: string): Promise<ProvenanceNode | null>;
  ofServiceVersion(id: string): Promise<ProvenanceNode | null>;
  ofTarget(id: string, organizationId: string | null): Promise<ProvenanceNode | null>;
  /** What is told of the job that made something: nothing to who may not read of that job. */
  jobOf(jobId: string | null | undefined): Promise<{ readonly id: string } | null>;
  items(filter: ItemFilter, order: ItemOrder, page: PageArguments): Promise<Slice<ListedItem>>;
  itemsOfOrganization(
    organizationId: string,
    order: ItemOrder,
    page: PageArguments,
  ): Promise<Slice<ListedItem>>;
  hops(
    node: ProvenanceNode,
    direction: Direction,
    relation: Relation | undefined,
    page: PageArguments,
    role?: RoleFilter,
  ): Promise<Slice<Hop>>;
  readonly lineage: LineageReader;
  /** The records that say each of these. */
  recordsOf(link: Related): Promise<readonly ProvenanceRecord[]>;
}

interface ListKey {
  readonly organizationId: string;
  readonly order: ItemOrder;
  readonly first: number;
  readonly after: Position | undefined;
}

interface HopKey extends HopRequest {
  readonly key: number;
}

export function assertMayRead(actor: Actor): void {
  if (!hasScope(actor, 'read'))
    throw new AppError('FORBIDDEN', 'Reading needs a token with the scope "read".', { scope: 'read' });
}

export const viewerOf = (actor: Actor): Viewer => ({
  principals: principalsOf(actor),
  organizations: organizationIds(actor),
});

export function provenanceFor(actor: Actor, reader: ProvenanceReads): Provenance {
  const viewer = viewerOf(actor);
  const reading = (): Viewer => {
    assertMayRead(actor);
    return viewer;
  };

  const nodes = new DataLoader<string, ProvenanceNode | null>(async (ids) => {
    const found = new Map((await reader.nodes(reading(), ids)).map((node) => [node.id, node]));
    return ids.map((id) => found.get(id.toLowerCase()) ?? null);
  });

  const activities = new DataLoader<string, Activity | null>(async (jobIds) => {
    const found = new Map(
      (await reader.activitiesOfJobs(reading(), jobIds)).map((activity) => [activity.facts.jobId, activity]),
    );
    return jobIds.map((jobId) => found.get(jobId) ?? null);
  });

  const jobs = new DataLoader<string, { id: string } | null>(async (jobIds) => {
    const readable = await reader.readableJobs(reading(), jobIds);
    return jobIds.map((id) => (readable.has(id) ? { id } : null));
  });

  const artifacts = new DataLoader<string, ProvenanceNode | null>((ids) =>
    reader.named.ofArtifacts(reading(), ids),
  );
  const serviceVersions = new DataLoader<string, ProvenanceNode | null>((ids) =>
    reader.named.ofServiceVersions(reading(), ids),
  );
  const targets = new DataLoader<TargetNamed, ProvenanceNode | null, string>(
    (named) => reader.named.ofTargets(reading(), named),
    { cacheKeyFn: (named) => JSON.stringify(named) },
  );

  const lists = new DataLoader<ListKey, ListedItem[], string>(
    inGroups(
      ({ order, first, after }) => JSON.stringify([order, first, after]),
      async (keys, { order, first, after }) => {
        const found = await reader.itemsByOrganization(
          reading(),
          keys.map((key) => key.organizationId),
          { order, first, after },
        );
        return keys.map((key) => found.get(key.organizationId) ?? []);
      },
    ),
    { cacheKeyFn: (key) => JSON.stringify(key) },
  );

  const hops = new DataLoader<HopKey, Hop[], string>(
    inGroups(
      ({ direction, relation, role, first, after }) =>
        JSON.stringify([direction, relation, role, first, after]),
      async (keys, request) => {
        const found = await reader.hops(
          reading(),
          keys.map(({ key }) => key),
          request,
        );
        return keys.map(({ key }) => found.get(key) ?? []);
      },
    ),
    { cacheKeyFn: (key) => JSON.stringify(key) },
  );

  const records = new DataLoader<Related, readonly ProvenanceRecord[]>((links) =>
    reader.lineage.recordsOf(reading(), links),
  );

  const slice = async <Row>(
    page: PageArguments,
    read: (first: number, after: Position | undefined) => Promise<readonly Row[]>,
  ) => {
    const { first, after } = pageRequest(page.first, page.after);
    return { rows: await read(first, after), first, continued: after !== undefined };
  };

  return {
    forget() {
      for (const loader of [nodes, activities, jobs, artifacts, serviceVersions, targets, lists, hops])
        loader.clearAll();
    },
    node: (id) => nodes.load(id),
    activityOfJob: (jobId) => activities.load(jobId),
    ofArtifact: (id) => artifacts.load(id),
    ofServiceVersion: (id) => serviceVersions.load(id),
    ofTarget: (id, organizationId) => targets.load({ id, organizationId }),
    jobOf: async (jobId) => (jobId == null ? null : jobs.load(jobId)),
    items: (filter, order, page) =>
      slice(page, (first, after) => reader.items(reading(), { filter, order, first, after })),
    itemsOfOrganization: (organizationId, order, page) =>
      slice(page, (first, after) => lists.load({ organizationId, order, first, after })),
    hops: ({ key }, direction, relation, page, role) =>
      slice(page, (first, after) => hops.load({ key, direction, relation, role, first, after })),
    lineage: readLineage(reading, reader.lineage),
    recordsOf: (link) => records.load(link),
  };
}

/** A batch function that asks once for all keys of the same group; an error of one group is not the others'. */
export const inGroups =
  <Key, Value>(
    groupOf: (key: Key) => string,
    load: (keys: readonly Key[], sample: Key) => Promise<readonly Value[]>,
  ) =>
  async (keys: readonly Key[]): Promise<(Value | Error)[]> => {
    const groups = Map.groupBy(keys, groupOf);
    const answers = new Map<Key, Value | Error>();
    await Promise.all(
      [...groups.values()].map(async (group) => {
        try {
          const values = await load(group, group[0] as Key);
          group.forEach((key, index) => answers.set(key, values[index] as Value));
        } catch (error) {
          for (const key of group) answers.set(key, error as Error);
        }
      }),
    );
    return keys.map((key) => answers.get(key) as Value | Error);
  };
