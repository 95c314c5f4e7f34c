// What the other services heard of targets and artifacts, told again to a stream that has lost it (ADR 0019).
import {
  artifactStored,
  environmentDescribed,
  targetChanged,
  type DescribedEnvironment,
} from '@weft/contracts';
import { appendToOutbox, RETOLD_DAYS, type Retell } from '@weft/outbox';
import { factOf } from './application/register-targets.js';
import type { StoredArtifact } from './domain/artifact.js';
import { ArtifactTable, TargetTable } from './persistence/tables.js';

const ARTIFACTS_A_PAGE = 200;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';
const BECAUSE = 'stream-rebuilt';

/** Every target as it is and every environment, then the artifacts of these days. */
export const retellFacts: Retell = async (tx, after) => {
  const at = new Date();
  if (after === '') {
    const targets = await tx.manager.find(TargetTable, { lock: { mode: 'pessimistic_read' } });
    for (const target of targets) await appendToOutbox(tx, targetChanged, factOf(target), at, BECAUSE);
    const environments = await tx.query<DescribedEnvironment>(
      'select digest, facts as environment from environment order by digest',
    );
    for (const one of environments) await appendToOutbox(tx, environmentDescribed, one, at, BECAUSE);
  }
  const artifacts = (await tx.manager
    .createQueryBuilder(ArtifactTable, 'a')
    .where('a.id > :after', { after: after === '' ? BEFORE_ALL : after })
    .andWhere('a.storedAt > now() - make_interval(days => :days)', { days: RETOLD_DAYS })
    .orderBy('a.id')
    .limit(ARTIFACTS_A_PAGE)
    .getMany()) as StoredArtifact[];
  for (const { id, organizationId, name, kind, mediaType, size, sha256, jobId } of artifacts) {
    const fact = { artifactId: id, organizationId, name, kind, mediaType, size, sha256, jobId };
    await appendToOutbox(tx, artifactStored, fact, at, BECAUSE);
  }
  return artifacts.length < ARTIFACTS_A_PAGE ? undefined : artifacts.at(-1)?.id;
};
