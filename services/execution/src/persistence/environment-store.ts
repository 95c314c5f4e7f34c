import type { Tx } from '@weft/database';
import type { DescribedEnvironment } from '@weft/contracts';
import type { EnvironmentStore } from '../application/ports.js';

// Beats tell the same again and again: what is known costs a look and no write.
const KEEP_NEW = {
  name: 'environments-keep-new',
  text: `insert into environment (digest, facts)
    select told.digest, told.environment
    from jsonb_to_recordset($1::jsonb) as told (digest text, environment jsonb)
    where not exists (select from environment known where known.digest = told.digest)
    order by told.digest
    on conflict (digest) do nothing
    returning digest, facts as environment`,
};

export const environmentStore = (tx: Tx): EnvironmentStore => ({
  keepNew: async (environments) =>
    environments.length === 0 ? [] : tx.query<DescribedEnvironment>(KEEP_NEW, [JSON.stringify(environments)]),
});
