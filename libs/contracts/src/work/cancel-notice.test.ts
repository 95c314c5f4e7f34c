import { expect, it } from 'vitest';
import { attemptRef, cancelNotice, renewReply } from './protocol.js';

const ref = { jobId: 'j', attempt: 1, fence: 1 };

it('a notice of single items is none to a worker that knows only whole attempts, whose form stays as it was', () => {
  const notice = { only: { ...ref, items: [2] } };
  expect(cancelNotice.parse(notice)).toEqual(notice);
  expect(attemptRef.safeParse(notice).success).toBe(false);
  expect(cancelNotice.parse(ref)).toEqual(ref);
});

it('a renewal answered by a replica that knows of no items is understood', () => {
  const attempts = [{ ...ref, standing: 'held', cancel: false, leaseMs: 1 }];
  expect(renewReply.parse({ attempts })).toEqual({ attempts });
});
