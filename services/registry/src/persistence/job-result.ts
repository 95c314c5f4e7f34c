import type { Tx } from '@weft/database';
import type { RecordedResult } from '../application/item-ports.js';
import { identity } from '../domain/statement.js';
import { publicId } from './public-id.js';
import { shareNodes } from './turns.js';

const LOCK_RESULT = {
  name: 'result-lock',
  text: `select n.id as key, n.public_id as id, n.organization_id as "organizationId", n.name, n.registered,
      n.facts ->> 'artifactId' as "artifactId", n.facts ->> 'sha256' as sha256,
      activity.facts ? 'deletedAt' as "isGone"
    from node activity
    join edge e on e.dst = activity.id and e.relation = 'WAS_GENERATED_BY'
    join node n on n.id = e.src
    where activity.public_id = $1 and activity.revision > 0 and n.revision > 0 and (n.facts ->> 'itemIndex')::int = $2
      and n.readers && $3::uuid[]
    for update of n`,
};

/** What the job made at this place, locked. A job that is given away takes its results along, but for those that are items. */
export async function lockResult(
  tx: Tx,
  jobId: string,
  itemIndex: number,
  principals: readonly string[],
): Promise<RecordedResult | undefined> {
  await shareNodes(tx);
  const activity = publicId(identity.job(jobId));
  const [row] = await tx.query<RecordedResult>(LOCK_RESULT, [activity, itemIndex, principals]);
  return row;
}
