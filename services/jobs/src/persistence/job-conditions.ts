// From a filter to SQL: what an index narrows, and what is looked at row by row within a bound.
import { FINAL_JOB_STATES, JOB_KINDS, JOB_STATES, type JobState } from '@weft/contracts';
import { organizationIds, type Actor } from '@weft/identity';
import { kindsOf, type JobFilter, type JobOrder } from '../application/job-list.js';
import { wordsOf } from '../application/takes-job.js';
import { isHidden } from './hidden-jobs.js';
import { UUID } from './job-store.js';

export interface OrderSql {
  readonly time: 'submitted' | 'ended';
  readonly direction: 'desc' | 'asc';
}

export const ORDERS: { readonly [Order in JobOrder]: OrderSql } = {
  NEWEST: { time: 'submitted', direction: 'desc' },
  OLDEST: { time: 'submitted', direction: 'asc' },
  LAST_ENDED: { time: 'ended', direction: 'desc' },
};

/** Where the jobs `j` of a lane `mine` lie in the order of a list. */
export interface Source {
  readonly from: string;
  readonly where: string;
  readonly at: string;
  readonly id: string;
}

const byJob = { at: 'j.submitted_at', id: 'j.id' };
const LANE = `${isHidden('j')} = mine.hidden`;
const SOURCES = {
  all: { ...byJob, from: 'job j', where: `j.organization_id = mine.id and ${LANE}` },
  // The organization is hidden from the planner, lest it read all of that one's jobs in the order of the list.
  ofBatch: { ...byJob, from: 'job j', where: 'j.organization_id::text = mine.id::text' },
  ofDefinition: { ...byJob, from: 'job j', where: `j.organization_id::text = mine.id::text and ${LANE}` },
  open: {
    from: 'open_job o join job j on j.id = o.job_id',
    where: 'o.organization_id = mine.id and o.hidden = mine.hidden',
    at: 'o.submitted_at',
    id: 'o.job_id',
  },
  // What is under way is in a worker's hands, but for a job of several items between two of them.
  active: {
    ...byJob,
    from: 'job j',
    where: `j.organization_id::text = mine.id::text and ${LANE} and j.id = any(array(
      select a.job_id from attempt a where a.outcome = 'RUNNING'
      union all select o.job_id from open_job o where o.organization_id = mine.id and o.several))`,
  },
  ended: {
    from: 'ended_job e join job j on j.id = e.job_id',
    where: 'e.organization_id = mine.id and e.hidden = mine.hidden',
    at: 'e.ended_at',
    id: 'e.job_id',
  },
  // Of what did not go well its own index tells, so that it is found however much went well.
  endedSo: {
    from: 'ended_job e join job j on j.id = e.job_id',
    where: 'e.organization_id = mine.id and e.hidden = mine.hidden',
    at: 'e.ended_at',
    id: 'e.job_id',
  },
  dead: {
    from: 'dead_job d join job j on j.id = d.job_id',
    where: 'd.organization_id = mine.id and d.hidden = mine.hidden',
    at: 'd.ended_at',
    id: 'd.job_id',
  },
} as const satisfies Record<string, Source>;

/** What the words of a filter are looked for in. */
export const WORDS = `lower(j.name || ' ' || j.description || ' ' || array_to_string(j.tags, ' '))`;

const ACTIVE: readonly JobState[] = ['DEQUEUED', 'IN_PROGRESS', 'CANCELLING'];
const isUnsuccessful = (states: readonly JobState[] = []): boolean =>
  states.length === 1 && (states[0] === 'FAILED' || states[0] === 'CANCELLED');
const isFinal = (state: JobState): boolean => (FINAL_JOB_STATES as readonly JobState[]).includes(state);

/** Part of an organization's jobs, found by an index of its own: those that are hidden, or the others. */
export interface JobLane {
  readonly organizationId: string;
  readonly hidden: boolean;
}

export interface Conditions {
  /** The lanes to look in; none when nothing can match. */
  readonly lanes: readonly JobLane[];
  readonly source: Source;
  /** Answered by an index together with the order. */
  readonly narrow: string[];
}

/** Collects values as `$n`. */
export const createValues = (): { readonly values: unknown[]; put(value: unknown): string } => {
  const values: unknown[] = [];
  return { values, put: (value) => `$${values.push(value)}` };
};

const listed = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');

/** States are written out, since only then can the planner see that a partial index holds them. */
export function conditionsOf(
  actor: Actor,
  filter: JobFilter,
  order: OrderSql,
  put: (value: unknown) => string,
): Conditions {
  const source = SOURCES[sourceOf(filter, order)];
  const narrow: string[] = [];
  if (source === SOURCES.ofBatch) narrow.push(`j.batch_id = ${put(filter.batchId)}::uuid`);
  if (source === SOURCES.ofDefinition) narrow.push(`j.definition_id = ${put(filter.definitionId)}::uuid`);
  const [state, ...others] = filter.states ?? [];
  if (source === SOURCES.endedSo) narrow.push(`e.state = '${state}'`);
  if (source === SOURCES.all) {
    // Of a step of a plain job neither number changes: so they can be in the condition of an index, and the state cannot.
    if (others.length === 0 && state === 'FAILED') narrow.push('j.failed > 0');
    if (others.length === 0 && state === 'CANCELLED') narrow.push('j.cancelled > 0');
    if (filter.serviceId !== undefined) narrow.push(`j.service_id = ${put(filter.serviceId)}::text`);
  }
  for (const [time, from, to] of timesOf(filter))
    if (time === order.time) narrow.push(...between(source.at, from, to, put));
  const organizations = canMatch(filter)
    ? organizationIds(actor).filter(
        (id) => filter.organizationId === undefined || id === filter.organizationId,
      )
    : [];
  // The jobs of a batch are all of one sort, which nobody needs to know to find them.
  const sides = source === SOURCES.ofBatch ? [false] : hiddenOf(filter);
  const lanes = organizations.flatMap((organizationId) =>
    sides.map((hidden) => ({ organizationId, hidden })),
  );
  return { lanes, source, narrow };
}

/** Which sides the filter can take jobs of. */
export const hiddenOf = (filter: JobFilter): boolean[] => [
  ...new Set(kindsOf(filter).map((kind) => kind === 'REGISTRATION')),
];

function sourceOf({ states, definitionId, batchId, dead }: JobFilter, order: OrderSql): keyof typeof SOURCES {
  if (dead === true) return 'dead';
  if (order.time === 'ended') return isUnsuccessful(states) ? 'endedSo' : 'ended';
  if (batchId !== undefined) return 'ofBatch';
  if (definitionId !== undefined) return 'ofDefinition';
  if (states === undefined || states.some(isFinal)) return 'all';
  return states.every((state) => ACTIVE.includes(state)) ? 'active' : 'open';
}

/** The conditions that are looked at in the row. */
export function residualOf(filter: JobFilter, order: OrderSql, put: (value: unknown) => string): string[] {
  const residual: string[] = [];
  if (filter.states !== undefined)
    residual.push(`j.state in (${listed(JOB_STATES.filter((state) => filter.states?.includes(state)))})`);
  if (filter.batchId !== undefined && order.time === 'ended')
    residual.push(`j.batch_id = ${put(filter.batchId)}::uuid`);
  if (filter.definitionId !== undefined && (order.time === 'ended' || filter.batchId !== undefined))
    residual.push(`j.definition_id = ${put(filter.definitionId)}::uuid`);
  // The lanes of these are of no other kind.
  const byLane =
    filter.batchId === undefined && filter.kinds?.every((kind) => kind === 'REGISTRATION') === true;
  if (!byLane) residual.push(...ofKinds(filter));
  for (const [column, id] of [
    ['target_id', filter.targetId],
    ['service_id', filter.serviceId],
    ['service_version_id', filter.serviceVersionId],
    ['created_by', filter.createdBy],
  ] as const)
    if (id !== undefined) residual.push(`j.${column} = ${put(id)}::text`);
  if (filter.tags !== undefined && filter.tags.length > 0)
    residual.push(`j.tags @> ${put(filter.tags)}::text[]`);
  const words = wordsOf(filter.text);
  if (words.length > 0) residual.push(`${WORDS} like all(${put(words.map(patternOf))}::text[])`);
  for (const [time, from, to] of timesOf(filter))
    if (time !== order.time) residual.push(...between(`j.${time}_at`, from, to, put));
  return residual;
}

const ofKinds = ({ kinds }: JobFilter): string[] =>
  kinds === undefined ? [] : [`j.kind in (${listed(JOB_KINDS.filter((kind) => kinds.includes(kind)))})`];

/** Every condition of a filter but the organization, looked at in the row; whether it is hidden only where kinds are named. */
export function everyCondition(filter: JobFilter, put: (value: unknown) => string): string[] {
  const { definitionId, batchId, submittedAfter, submittedBefore } = filter;
  const conditions = residualOf(
    { ...filter, kinds: undefined, definitionId: undefined, batchId: undefined },
    ORDERS.NEWEST,
    put,
  );
  conditions.push(...ofKinds(filter));
  for (const [column, id] of [
    ['definition_id', definitionId],
    ['batch_id', batchId],
  ] as const)
    if (id !== undefined) conditions.push(`j.${column} = ${put(id)}::uuid`);
  return [...conditions, ...between('j.submitted_at', submittedAfter, submittedBefore, put)];
}

const timesOf = (filter: JobFilter) =>
  [
    ['submitted', filter.submittedAfter, filter.submittedBefore],
    ['started', filter.startedAfter, filter.startedBefore],
    ['ended', filter.endedAfter, filter.endedBefore],
  ] as const;

const between = (
  key: string,
  from: Date | undefined,
  to: Date | undefined,
  put: (value: unknown) => string,
): string[] => [
  ...(from === undefined ? [] : [`${key} >= ${put(from)}::timestamptz`]),
  ...(to === undefined ? [] : [`${key} < ${put(to)}::timestamptz`]),
];

/** Anywhere; what `like` takes for a pattern is taken as it is. */
const patternOf = (word: string): string => `%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;

/** PostgreSQL has no text with a NUL, and no id that is none: such a filter matches nothing. */
export function canMatch(filter: JobFilter): boolean {
  const { targetId, serviceId, serviceVersionId, createdBy, text, tags = [] } = filter;
  const texts = [targetId, serviceId, serviceVersionId, createdBy, text, ...tags];
  return (
    !texts.some((one) => one?.includes('\0') === true || one?.isWellFormed() === false) &&
    [filter.definitionId, filter.batchId].every((id) => id === undefined || UUID.test(id)) &&
    filter.states?.length !== 0 &&
    filter.kinds?.length !== 0
  );
}
