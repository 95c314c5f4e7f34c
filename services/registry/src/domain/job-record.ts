// What is recorded of a job is said by a record of kind JOB, which nobody lodges: it is read from the activity of the job and
// what hangs on it. So it costs no rows beside those that say what the job did, and there is one of every job that was ever
// recorded. A bundle is an entity, and an activity is none (PROV-CONSTRAINTS 55): the record has an id of its own, which is
// that of the activity with its last bit turned, so that each is found by the other.

/** Public id of the record of a job by that of its activity, and back. */
export function turnedId(id: string): string {
  return id.slice(0, -1) + (parseInt(id.slice(-1), 16) ^ 1).toString(16);
}

/** Of what was recorded of an activity. */
export const recordIdOfJob = (activityId: string): string => turnedId(activityId);
