// What a page of jobs costs in the service when a long history and a long queue lie behind it.
import { randomUUID } from 'node:crypto';
import type { Actor } from '@weft/identity';
import type { BenchResult, Figure } from '../measure/figures.js';
import { median, percentile } from '../measure/statistics.js';
import { ENDED, fill, QUEUED } from './fill.js';
import { startJobsService } from './jobs-service.js';

const ROUNDS = 100;
/** A request that reads nothing, and the bare rows. */
const FLOORS = 2;
const PAGE_MS = 30;
/** A page that finds too little looks on for 100 ms, and then one look is under way. */
const RARE_MS = 150;

const PAGE = `query ($filter: JobFilter, $orderBy: JobOrder, $after: String) {
  jobs(filter: $filter, orderBy: $orderBy, first: 20, after: $after) {
    edges { node { id name state phase reason submittedAt endedAt tags itemCounts { total succeeded failed } } }
    pageInfo { hasNextPage endCursor } } }`;

interface Page {
  readonly jobs: {
    readonly edges: readonly unknown[];
    readonly pageInfo: { readonly endCursor: string | null };
  };
}

/** Every kind of page and the rows that it has to have. */
const PAGES: readonly {
  readonly name: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly rows: number;
  readonly atMost?: number;
}[] = [
  { name: 'first page', variables: {}, rows: 20 },
  { name: 'oldest first', variables: { orderBy: 'OLDEST' }, rows: 20 },
  { name: 'waiting', variables: { filter: { phases: ['WAITING'] } }, rows: 20 },
  { name: 'active, of which there are none', variables: { filter: { phases: ['ACTIVE'] } }, rows: 0 },
  { name: 'failed', variables: { filter: { phases: ['FAILED'] } }, rows: 20 },
  // Looked for row by row, some ten thousands of jobs a page, which says that there are more.
  { name: 'a word that nobody wrote', variables: { filter: { text: 'needle' } }, rows: 0, atMost: RARE_MS },
  { name: 'last ended', variables: { orderBy: 'LAST_ENDED' }, rows: 20 },
  {
    name: 'last failed',
    variables: { orderBy: 'LAST_ENDED', filter: { phases: ['FAILED'] } },
    rows: 20,
  },
];

export async function benchList(): Promise<BenchResult> {
  await using jobs = await startJobsService();
  const organizationId = randomUUID();
  const actor: Actor = {
    kind: 'user',
    id: randomUUID(),
    organizations: [{ id: organizationId, role: 'OWNER' }],
    teams: [],
    personalOrganizationId: organizationId,
    scopes: ['read'],
    roles: [],
    tokenId: undefined,
  };
  const startedAt = performance.now();
  await fill(jobs.client, organizationId);
  const filledIn = (performance.now() - startedAt) / 1_000;

  const page = (variables: Readonly<Record<string, unknown>>) => jobs.ask<Page>(actor, PAGE, variables);
  const looks: { name: string; look: () => Promise<unknown>; times: number[] }[] = [
    { name: 'floor: a request', look: () => jobs.ask(actor, '{ __typename }'), times: [] },
    { name: 'floor: the rows', look: () => floor(), times: [] },
  ];
  const floor = () =>
    jobs.client.query({
      name: 'floor',
      text: 'select * from job where organization_id = $1 order by submitted_at desc, id desc limit 21',
      values: [organizationId],
    });
  for (const { name, variables, rows } of PAGES) {
    const { edges } = (await page(variables)).jobs;
    if (edges.length !== rows) throw new Error(`${name}: ${edges.length} rows instead of ${rows}`);
    looks.push({ name, look: () => page(variables), times: [] });
  }
  for (let round = 0; round < ROUNDS; round++)
    for (const { look, times } of looks) {
      const from = performance.now();
      await look();
      times.push(performance.now() - from);
    }

  const floors = looks.slice(0, FLOORS).reduce((sum, { times }) => sum + median(times), 0);
  return {
    bench: 'list',
    figures: looks.flatMap(({ name, times }, index): Figure[] => {
      const p50 = { name: `${name}, p50`, value: median(times), unit: 'ms' };
      const p99 = { name: `${name}, p99`, value: percentile(times, 0.99), unit: 'ms' };
      if (index < FLOORS) return [p50, p99];
      const ratio = { name: `${name}, to the floors`, value: p50.value / floors, unit: '×' };
      return [{ ...p50, bound: { atMost: PAGES[index - FLOORS]?.atMost ?? PAGE_MS } }, p99, ratio];
    }),
    notes: [
      `${ENDED} ended and ${QUEUED} queued jobs of one organization, filled in ${filledIn.toFixed(0)} s; ${ROUNDS} interleaved rounds over HTTP`,
    ],
  };
}
