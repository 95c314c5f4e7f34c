// What runs of models have beside their items, as far as items are written that happen to be runs.
import { UNIQUE_VIOLATION, sqlState, violatedConstraint, type Tx } from '@weft/database';
import { Overtaken, type SayingRun } from '../application/run-twin.js';

const TWIN_IN = {
  name: 'run-twin-in',
  text: `
    select other.node as key, n.public_id as id, i.pid, n.readers && $3::uuid[] as "isSeen"
    from model_run mine
    join model_run other on other.organization_id = $1 and other.hash = mine.hash and not other.removed
    join node n on n.id = other.node join item i on i.node = other.node
    where mine.node = $2 and other.node <> mine.node`,
};

const KEEP_LODGED = {
  name: 'run-keep-lodged',
  text: 'update model_run set lodged = lodged + 1 where node = $1 and lodged = $2',
};

/** The run of this organization that says what this one says. */
export async function twinIn(
  tx: Tx,
  organizationId: string,
  key: number,
  principals: readonly string[],
): Promise<SayingRun | undefined> {
  const [twin] = await tx.query<SayingRun>(TWIN_IN, [organizationId, key, principals]);
  return twin;
}

export async function keepLodged(tx: Tx, key: number, revision: number): Promise<void> {
  await tx.query(KEEP_LODGED, [key, revision]);
}

/** A write after which a run is to be the only one of its organization that says what it says. */
export async function onlyRun<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION && violatedConstraint(error) === 'model_run_once')
      throw new Overtaken();
    throw error;
  }
}
