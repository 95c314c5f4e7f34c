import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { aVersion, startEngine, type Engine } from '../testing/engine.js';
import { dueJobs, type FindDue } from './due-jobs.js';
import type { Work } from './ports.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});

const listed = async (findIn: (tx: Work) => FindDue): Promise<string[]> => {
  const ids: string[] = [];
  for await (const id of dueJobs(engine.ports, findIn, 2)) ids.push(id);
  return ids.sort();
};

describe('what is due', () => {
  it('is listed to its last job, also when none of the first is moved on', async () => {
    const deadline = new Date(Date.now() + 600);
    const ids = await Promise.all([1, 2, 3, 4, 5].map(() => engine.submit({ deadline })));
    expect(await listed((tx) => tx.deadlines.due)).toEqual([]);
    await engine.claim();
    await engine.silence();
    expect(await listed((tx) => tx.jobs.expired)).toEqual(ids.sort());
    await engine.database.query(`update job_deadline set at = now() where job_id = any($1)`, [ids]);
    expect(await listed((tx) => tx.deadlines.due)).toEqual(ids);
  });

  it('is what waited for a reference once all is known of it, whoever else still waits', async () => {
    const version = aVersion(engine.organizationId);
    const dataArtifactId = randomUUID();
    for (let n = 0; n < 5; n++) await engine.submit({ serviceVersionId: randomUUID() });
    const id = await engine.submit({ serviceVersionId: version.id, data: null, dataArtifactId });
    const late = await engine.submit({ serviceVersionId: randomUUID() });
    const resolvable = (): Promise<string[]> => listed((tx) => tx.jobs.resolvable);

    expect(await resolvable()).toEqual([]);
    await engine.ports.transact((tx) => tx.references.keepServiceVersion(version));
    expect(await resolvable()).toEqual([]);
    const artifact = {
      id: dataArtifactId,
      organizationId: engine.organizationId,
      size: 2,
      sha256: 'a'.repeat(64),
    };
    await engine.ports.transact((tx) => tx.references.keepArtifact(artifact));
    expect(await resolvable()).toEqual([id]);
    await engine.database.query(`update job set reference_deadline = now() where id = $1`, [late]);
    expect(await resolvable()).toEqual([id, late].sort());
  });
});
