// What time alone has changed is gone through page by page: what cannot be moved on hides nothing that stands behind it.
import type { Ports, Work } from './ports.js';

/** A job that is due. */
export interface DueJob {
  readonly jobId: string;
  /** Since when, as the database writes it: a Date would be less exact. */
  readonly at: string;
}

/** Those that are due, in this order, from behind one of them on. */
export type FindDue = (most: number, after: DueJob | undefined) => Promise<DueJob[]>;

export const A_PAGE = 100;

/** Each of them, once or more often. */
export async function* dueJobs(
  ports: Ports,
  findIn: (tx: Work) => FindDue,
  most = A_PAGE,
): AsyncGenerator<string, void, void> {
  let page: readonly DueJob[] = [];
  do {
    const after = page.at(-1);
    page = await ports.transact((tx) => findIn(tx)(most, after));
    for (const { jobId } of page) yield jobId;
  } while (page.length === most);
}
