import type { Schedule, Slot } from '../domain/schedule/schedule.js';

export interface ScheduleStore {
  /** Waits for its row lock. */
  lock(id: string): Promise<Schedule | undefined>;
  /** The one that is due for longest under its row lock; those that others hold are left to them. */
  lockDue(now: Date, except: readonly string[]): Promise<Schedule | undefined>;
  /** When the next one is due. */
  nextDue(except: readonly string[]): Promise<Date | undefined>;
  count(definitionId: string): Promise<number>;
  insert(schedule: Schedule): Promise<void>;
  save(schedule: Schedule): Promise<void>;
  delete(id: string): Promise<void>;
  /** False: this time is decided already. */
  takeSlot(slot: Slot): Promise<boolean>;
  decideSlot(slot: Slot): Promise<void>;
  /** Jobs that this schedule started and that are not final, by id. */
  openJobs(scheduleId: string): Promise<string[]>;
}

export interface SavedSchedule {
  readonly scheduleId: string;
}
