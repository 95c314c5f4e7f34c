// Jobs of the registry's own are in no list unless asked for. Indexes that lists are read by begin with the organization and
// with this, so that neither kind of job is passed over on the way to the other, however many there are.

/** Whether the job of this name is such a one; in the tables beside `job` it is a column, `hidden`. */
export const isHidden = (job: string): string => `(${job}.kind = 'REGISTRATION')`;
