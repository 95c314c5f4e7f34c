import { expect, it } from 'vitest';
import { createTargetTally, type TargetTally } from './target-tally.js';

const SCOPE = 'target t';
const look = (running: number, round = 0) => ({
  target: { scope: SCOPE, limit: 10, running, round },
  limitedOrganizations: new Set<string>(),
});
const left = (tally: TargetTally): number | undefined => tally.free()?.left;

it('knows nothing before the first look, nor after somebody else has given something', () => {
  const tally = createTargetTally();
  expect(tally.free()).toBeUndefined();
  tally.seen(look(4));
  expect(left(tally)).toBe(6);
  tally.lost();
  expect(tally.free()).toBeUndefined();
});

it('counts what is given in the rounds that follow each other, and nothing twice', () => {
  const tally = createTargetTally();
  tally.seen(look(4, 7));
  tally.given({ scope: SCOPE, round: 7 }, 2);
  expect(tally.free()).toMatchObject({ left: 4, round: { scope: SCOPE, round: 8 } });
  // A later look has counted it already.
  tally.given({ scope: SCOPE, round: 7 }, 2);
  expect(left(tally)).toBe(4);
});

it('counts ends of what still ran after its look, and of nothing that may have ended before', () => {
  const tally = createTargetTally();
  const before = performance.now() - 1;
  tally.seen(look(4));
  tally.ended(performance.now());
  expect(left(tally)).toBe(7);
  tally.ended(before);
  expect(left(tally)).toBe(7);
});

it('takes no older look for a newer one', () => {
  const tally = createTargetTally();
  tally.seen(look(4, 3));
  tally.seen(look(0, 2));
  expect(left(tally)).toBe(6);
});
