import { aUser } from '@weft/testkit';
import { describe, expect, it } from 'vitest';
import { listedJob } from '../testing/listed-jobs.js';
import {
  followJobList,
  JOB_LIST_PACE,
  MOST_CHANGES,
  type JobListFeed,
  type JobListFollower,
} from './follow-jobs.js';
import type { JobFilter } from './job-list.js';
import type { ListedJob } from './takes-job.js';

const user = aUser();
const organizationId = user.personalOrganizationId as string;

function follow(filter: JobFilter = {}, actor = user) {
  let follower: JobListFollower | undefined;
  const feed: JobListFeed = {
    follow(one, _after, _scope, opened) {
      follower = one;
      opened();
      return () => undefined;
    },
    cursor: (scope) => `here.${scope}`,
  };
  const list = followJobList(feed, actor, filter, undefined, 'scope', () => undefined);
  const { offer, refetch } = follower as JobListFollower;
  const told = () => list.take()?.changes.map(({ kind, job }) => [kind, job?.seq ?? null]);
  expect(told()).toEqual([]);
  return {
    list,
    told,
    refetch,
    offer: (listed: ListedJob, heardIn = [listed.job.organizationId]) =>
      offer(listed.job.id, heardIn, listed),
    gone: (jobId: string, heardIn: string[]) => offer(jobId, heardIn, undefined),
  };
}

const next = ({ job, words }: ListedJob, changes: Partial<ListedJob['job']>): ListedJob => ({
  job: { ...job, seq: job.seq + 1, ...changes },
  words,
});

describe('a live list', () => {
  it('tells of each job the newest, once', () => {
    const { offer, told } = follow();
    const [one, other] = [listedJob({ organizationId }), listedJob({ organizationId })];
    offer(one);
    offer(other);
    offer(next(one, { state: 'DEQUEUED' }));
    expect(told()).toEqual([
      ['CHANGED', 2],
      ['CHANGED', 1],
    ]);
    expect(told()).toBeUndefined();
  });

  it('says which jobs left the filter, and is silent while they stay outside', () => {
    const { offer, told } = follow({ states: ['PENDING'] });
    const waiting = listedJob({ organizationId });
    const claimed = next(waiting, { state: 'DEQUEUED' });
    const started = next(claimed, { state: 'IN_PROGRESS' });
    offer(waiting);
    offer(claimed);
    expect(told()).toEqual([['LEFT', 2]]);
    offer(started);
    expect(told()).toBeUndefined();
    offer(next(started, { state: 'PENDING' }));
    expect(told()).toEqual([['CHANGED', 4]]);
  });

  it('says so again when the job may have come in and left between two looks', () => {
    const { offer, told } = follow({ states: ['PENDING'] });
    const claimed = listedJob({ organizationId, state: 'DEQUEUED', seq: 2 });
    offer(claimed);
    expect(told()).toEqual([['LEFT', 2]]);
    offer(next(claimed, { state: 'IN_PROGRESS', seq: 5 }));
    expect(told()).toEqual([['LEFT', 5]]);
  });

  it('does not name jobs that the filter can never have taken', () => {
    const { offer, told } = follow({ states: ['FAILED'], text: 'needle', kinds: ['MANAGED_SERVICE'] });
    const named = (name: string, changes: Partial<ListedJob['job']>) =>
      listedJob({ organizationId, name, ...changes });
    offer(named('needle', { state: 'SUCCEEDED' }));
    offer(named('needle', { state: 'FAILED', kind: 'COMMAND' }));
    offer(named('hay', { state: 'FAILED' }));
    expect(told()).toBeUndefined();
    offer(named('hay', { state: 'FAILED', recordRevision: 1, seq: 7 }));
    expect(told()).toEqual([['LEFT', 7]]);
  });

  it('never shows a job of somebody else, and takes out one that was given away', () => {
    const elsewhere = aUser().personalOrganizationId as string;
    const { offer, gone, list } = follow();
    const foreign = listedJob({ organizationId: elsewhere });
    offer(foreign);
    gone(foreign.job.id, [elsewhere]);
    expect(list.take()).toBeUndefined();
    const given = listedJob({ organizationId: elsewhere, recordRevision: 1, state: 'SUCCEEDED' });
    offer(given, [elsewhere, organizationId]);
    expect(list.take()?.changes).toEqual([{ kind: 'LEFT', jobId: given.job.id, job: null }]);
    gone('a job of mine', [organizationId]);
    expect(list.take()?.changes).toEqual([{ kind: 'DELETED', jobId: 'a job of mine', job: null }]);
  });

  it('of one organization says nothing of the others, but of a job that went there', () => {
    const elsewhere = aUser().personalOrganizationId as string;
    const both = {
      ...user,
      organizations: [...user.organizations, { id: elsewhere, role: 'VIEWER' as const }],
    };
    const { offer, told } = follow({ organizationId }, both);
    const given = listedJob({ organizationId: elsewhere, state: 'SUCCEEDED', seq: 4 });
    offer(given);
    expect(told()).toBeUndefined();
    offer(given, [elsewhere, organizationId]);
    expect(told()).toEqual([['LEFT', 4]]);
  });

  it('keeps no more than a payload for one who does not take it, and slows down when that is too little', () => {
    const { offer, told, list } = follow();
    for (let n = 0; n < MOST_CHANGES; n++) offer(listedJob({ organizationId }));
    expect(told()).toHaveLength(MOST_CHANGES);
    expect(list.pauseMs()).toBe(JOB_LIST_PACE.pauseMs);
    for (let n = 0; n <= 3 * MOST_CHANGES; n++) offer(listedJob({ organizationId }));
    expect(told()).toEqual([['REFETCH', null]]);
    expect(list.pauseMs()).toBe(JOB_LIST_PACE.refetchPauseMs);
    offer(listedJob({ organizationId }));
    expect(told()).toEqual([['CHANGED', 1]]);
  });

  it('forgets what it had collected when something was missed', () => {
    const { offer, told, refetch } = follow();
    offer(listedJob({ organizationId }));
    refetch();
    expect(told()).toEqual([['REFETCH', null]]);
    expect(told()).toBeUndefined();
  });
});
