// From a filter to SQL: what an index narrows, and what is looked at row by row within a bound.
import { JOB_KINDS, JOB_STATES } from '@weft/contracts';
import { organizationIds, type Actor } from '@weft/identity';
import type { JobFilter, JobOrder } from '../application/job-list.js';
import { UUID } from './job-store.js';

export interface OrderSql {
  readonly key: string;
  readonly type: 'timestamptz' | 'int';
  readonly direction: 'desc' | 'asc';
  /** The condition of its index. */
  readonly only?: string;
}

export const ORDERS: { readonly [Order in JobOrder]: OrderSql } = {
  NEWEST: { key: 'j.submitted_at', type: 'timestamptz', direction: 'desc' },
  OLDEST: { key: 'j.submitted_at', type: 'timestamptz', direction: 'asc' },
  LAST_STARTED: {
    key: 'j.started_at',
    type: 'timestamptz',
    direction: 'desc',
    only: 'j.started_at is not null',
  },
  LAST_ENDED: { key: 'j.ended_at', type: 'timestamptz', direction: 'desc', only: 'j.ended_at is not null' },
  QUEUE: { key: '(-j.priority)', type: 'int', direction: 'asc', only: `j.state = 'PENDING'` },
};

export interface Conditions {
  /** The organizations to look in; none when nothing can match. */
  readonly organizations: readonly string[];
  /** Answered by an index together with the order. */
  readonly narrow: string[];
}

/** Collects values as `$n`. */
export const createValues = (): { readonly values: unknown[]; put(value: unknown): string } => {
  const values: unknown[] = [];
  return { values, put: (value) => `$${values.push(value)}` };
};

const listed = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');

/** States and kinds are written out, since only then can the planner see that a partial index holds them. */
export function conditionsOf(
  actor: Actor,
  filter: JobFilter,
  order: OrderSql,
  put: (value: unknown) => string,
): Conditions {
  const mine = organizationIds(actor);
  const narrow: string[] = order.only === undefined ? [] : [order.only];
  if (filter.states !== undefined)
    narrow.push(`j.state in (${listed(JOB_STATES.filter((state) => filter.states?.includes(state)))})`);
  if (filter.definitionId !== undefined) narrow.push(`j.definition_id = ${put(filter.definitionId)}::uuid`);
  for (const [key, from, to] of timesOf(filter))
    if (key === order.key) narrow.push(...between(key, from, to, put));
  const organizations = canMatch(filter)
    ? mine.filter((id) => filter.organizationId === undefined || id === filter.organizationId)
    : [];
  return { organizations, narrow };
}

/** The conditions that are looked at in the row. */
export function residualOf(filter: JobFilter, order: OrderSql, put: (value: unknown) => string): string[] {
  const residual: string[] = [];
  if (filter.kinds !== undefined)
    residual.push(`j.kind in (${listed(JOB_KINDS.filter((kind) => filter.kinds?.includes(kind)))})`);
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
  if (words.length > 0) {
    const told = `lower(j.name || ' ' || j.description || ' ' || array_to_string(j.tags, ' '))`;
    residual.push(`${told} like all(${put(words.map((word) => `%${word}%`))}::text[])`);
  }
  for (const [key, from, to] of timesOf(filter))
    if (key !== order.key) residual.push(...between(key, from, to, put));
  return residual;
}

const timesOf = (filter: JobFilter) =>
  [
    ['j.submitted_at', filter.submittedAfter, filter.submittedBefore],
    ['j.started_at', filter.startedAfter, filter.startedBefore],
    ['j.ended_at', filter.endedAfter, filter.endedBefore],
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

/** Lower case, with what `like` takes for a pattern taken as it is. */
const wordsOf = (text: string | undefined): string[] =>
  (text ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, 10)
    .map((word) => word.replaceAll(/[\\%_]/g, String.raw`\$&`));

/** PostgreSQL has no text with a NUL, and no id that is none: such a filter matches nothing. */
function canMatch(filter: JobFilter): boolean {
  const { targetId, serviceId, serviceVersionId, createdBy, text, tags = [] } = filter;
  const texts = [targetId, serviceId, serviceVersionId, createdBy, text, ...tags];
  return (
    !texts.some((one) => one?.includes('\0') === true || one?.isWellFormed() === false) &&
    (filter.definitionId === undefined || UUID.test(filter.definitionId)) &&
    filter.states?.length !== 0 &&
    filter.kinds?.length !== 0
  );
}
