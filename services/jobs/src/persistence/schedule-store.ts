import type { Queryable, Statement } from '@weft/database';
import type { ScheduleStore } from '../application/schedule-ports.js';
import type { Schedule, Slot } from '../domain/schedule/schedule.js';
import { insertList, recordType, selectList, updateList, valueList } from './columns.js';
import { ScheduleTable, SlotTable } from './definition-tables.js';
import { UUID } from './job-store.js';

const SCHEDULE = selectList(ScheduleTable, 's');
const CHANGEABLE = [
  'version', 'cron', 'timeZone', 'inputs', 'concurrency', 'missed', 'missedLimit', 'startingDeadlineSeconds', 'runsAs',
  'updatedAt', 'pausedAt', 'pauseReason', 'decidedUntil', 'nextRunAt',
]; // prettier-ignore

const LOCK: Statement = {
  name: 'lock-schedule',
  text: `select ${SCHEDULE} from schedule s where s.id = $1 for update`,
};
const LOCK_DUE: Statement = {
  name: 'lock-due-schedule',
  text: `select ${SCHEDULE} from schedule s where s.next_run_at <= $1 and s.id <> all($2::uuid[])
    order by s.next_run_at limit 1 for update skip locked`,
};
const NEXT_DUE: Statement = {
  name: 'next-due-schedule',
  text: `select s.next_run_at as "at" from schedule s where s.next_run_at is not null and s.id <> all($1::uuid[])
    order by s.next_run_at limit 1`,
};
const SAVE: Statement = {
  name: 'save-schedule',
  text: `update schedule set ${updateList(ScheduleTable, 'r', CHANGEABLE)}
    from json_to_record($1::json) as r(${recordType(ScheduleTable)}) where schedule.id = r."id"`,
};
const TAKE_SLOT: Statement = {
  name: 'take-slot',
  text: `insert into schedule_slot (${insertList(SlotTable)})
    select ${valueList(SlotTable, 'r')} from json_to_record($1::json) as r(${recordType(SlotTable)})
    on conflict do nothing returning 1 as taken`,
};
/** What has ended since the last look is marked, so that a look costs what is open and never the history. */
const MARK_ENDED: Statement = {
  name: 'mark-ended-slots',
  text: `update schedule_slot x set ended = true from job j
    where x.schedule_id = $1 and x.outcome = 'STARTED' and not x.ended and j.id = x.job_id and j.ended_at is not null`,
};
const OPEN_JOBS: Statement = {
  name: 'open-jobs-of-schedule',
  text: `select x.job_id as "jobId" from schedule_slot x join job j on j.id = x.job_id
    where x.schedule_id = $1 and x.outcome = 'STARTED' and not x.ended order by x.job_id`,
};

export function createScheduleStore(tx: Queryable): ScheduleStore {
  return {
    lock: async (id) => (UUID.test(id) ? (await tx.query<Schedule>(LOCK, [id]))[0] : undefined),
    lockDue: async (now, except) => (await tx.query<Schedule>(LOCK_DUE, [now, except]))[0],
    nextDue: async (except) => (await tx.query<{ at: Date }>(NEXT_DUE, [except]))[0]?.at,
    async count(definitionId) {
      const [row] = await tx.query<{ n: number }>(
        'select count(*) as n from schedule where definition_id = $1',
        [definitionId],
      );
      return row?.n ?? 0;
    },
    async insert(schedule) {
      await tx.query(
        `insert into schedule (${insertList(ScheduleTable)})
          select ${valueList(ScheduleTable, 'r')} from json_to_record($1::json) as r(${recordType(ScheduleTable)})`,
        [JSON.stringify(schedule)],
      );
    },
    save: async (schedule) => void (await tx.query(SAVE, [JSON.stringify(schedule)])),
    delete: async (id) => void (await tx.query('delete from schedule where id = $1', [id])),
    takeSlot: async (slot: Slot) => (await tx.query(TAKE_SLOT, [JSON.stringify(slot)])).length === 1,
    async decideSlot({ scheduleId, plannedFor, outcome, jobId, errors }) {
      await tx.query(
        `update schedule_slot set outcome = $3, job_id = $4, errors = $5 where schedule_id = $1 and planned_for = $2`,
        [scheduleId, plannedFor, outcome, jobId, JSON.stringify(errors)],
      );
    },
    async openJobs(scheduleId) {
      await tx.query(MARK_ENDED, [scheduleId]);
      return (await tx.query<{ jobId: string }>(OPEN_JOBS, [scheduleId])).map((row) => row.jobId);
    },
  };
}
