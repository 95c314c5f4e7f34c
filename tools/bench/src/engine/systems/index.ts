import type { StartContestant } from '../contestant.js';
import { startFloor } from './floor.js';
import { startGraphile, startGraphileGathering } from './graphile.js';
import { startOurs, startOursOverNats } from './ours.js';
import { startPgBoss, startPgBossGathering } from './pg-boss.js';

export const SYSTEMS = {
  ours: startOurs,
  'ours, worker behind NATS': startOursOverNats,
  'graphile-worker': startGraphile,
  'graphile-worker, submissions gathered': startGraphileGathering,
  'pg-boss': startPgBoss,
  'pg-boss, submissions gathered': startPgBossGathering,
  'plain SQL': startFloor,
} as const satisfies Readonly<Record<string, StartContestant>>;

export type SystemName = keyof typeof SYSTEMS;
