import type { Tx } from '@weft/database';
import type { PidRecord, Pids } from '../application/pid-ports.js';
import { readersOf } from '../domain/access.js';
import { EVERYONE } from '../domain/principal.js';
import type { RegisteredItem } from '../domain/item.js';

// What made an item is read by whoever reads the item.
const MADE_BY = {
  name: 'published-activities',
  text: `select i.pid, n.name as title, n.subtype as type, i.created_by as "createdBy", n.created_at as "createdAt"
    from activity_workflow w join item i on i.node = w.activity join node n on n.id = i.node
    where w.node = $1 and w.kind in ('CREATE', 'VERSION')`,
};

const PEOPLE = {
  name: 'people-of-users',
  text: `select l.user_id as "userId", n.name from person_link l join node n on n.id = l.node where l.user_id = any ($1::uuid[])`,
};

/** DataCite's word for what nobody can tell. */
const UNKNOWN = ':unav';

type Published = Pick<PidRecord, 'title' | 'type'> & Pick<RegisteredItem, 'pid' | 'createdBy' | 'createdAt'>;

/** Wishes that the world hears of an item, and of the activity that made it, where everyone may read it. */
export async function publishItem(tx: Tx, pids: Pids, item: RegisteredItem): Promise<void> {
  const isOpen = item.recordType === 'COMPLETE' && readersOf(item).includes(EVERYONE);
  if (!isOpen || item.withdrawn !== null) return;
  const { pid, name: title, subtype: type, createdBy, createdAt } = item;
  const published: readonly Published[] = [
    { pid, title, type, createdBy, createdAt },
    ...(await tx.query<Published>(MADE_BY, [item.key])),
  ];
  const creators = [...new Set(published.map((one) => one.createdBy))];
  const people = await tx.query<{ userId: string; name: string }>(PEOPLE, [creators]);
  const names = new Map(people.map(({ userId, name }) => [userId, name]));
  await pids.publish(
    tx,
    published.map((one) => ({
      pid: one.pid,
      record: {
        title: one.title,
        creators: [names.get(one.createdBy) ?? UNKNOWN],
        publisher: UNKNOWN,
        year: one.createdAt.getUTCFullYear(),
        type: one.type,
      },
    })),
  );
}
