import { artifactStored, targetChanged } from '@weft/contracts';
import { aUser, eventually } from '@weft/testkit';
import { expect, test } from 'vitest';
import { setStage } from './testing/worker-words.js';

const { execution, hear } = await setStage();
const targets = hear(targetChanged);
const artifacts = hear(artifactStored);
const targetIds = (): string[] => [...new Set(targets.map((one) => one.targetId))].sort();

test('a broker that lost its files is told of targets and artifacts again', async () => {
  const artifactId = await execution.upload(aUser(), 'kept');
  await eventually('the first telling', () => artifacts.length === 1 && targets.length > 0);
  const known = targetIds();
  const [artifact] = artifacts;
  targets.length = 0;
  artifacts.length = 0;

  await execution.broker.kill();
  execution.broker.loseFiles();
  await execution.broker.restart();

  // By the same consumers: they find their place in the new stream by themselves.
  await eventually(
    'the second telling',
    () => artifacts.length > 0 && targetIds().length === known.length,
    30_000,
  );
  expect(targetIds()).toEqual(known);
  expect(artifacts[0]).toEqual(artifact);
  expect(artifact?.artifactId).toBe(artifactId);
}, 60_000);
