import type { EntityManager } from 'typeorm';
import type { ReadStore } from '../application/ports.js';
import { memberReads } from './member-reads.js';
import { serviceReads } from './service-reads.js';
import { teamReads } from './team-reads.js';

/** Reads outside transactions; `manager` is asked for each time, since the database may come later than the first request. */
export const readStore = (manager: () => EntityManager): ReadStore => ({
  ...memberReads(manager),
  ...teamReads(manager),
  ...serviceReads(manager),
});
