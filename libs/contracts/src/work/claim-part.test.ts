import { expect, it } from 'vitest';
import { claimPart } from './claim-part.js';

it('leaves half of the room for a second claim', () => {
  expect(claimPart({ capacity: 20, running: 0, asked: 0 })).toBe(10);
  expect(claimPart({ capacity: 20, running: 0, asked: 10 })).toBe(10);
  expect(claimPart({ capacity: 1, running: 0, asked: 0 })).toBe(1);
});

it('asks for no more than there is room, and for little only where nothing is open', () => {
  expect(claimPart({ capacity: 20, running: 12, asked: 8 })).toBe(0);
  expect(claimPart({ capacity: 20, running: 12, asked: 7 })).toBe(0);
  expect(claimPart({ capacity: 20, running: 19, asked: 0 })).toBe(1);
  expect(claimPart({ capacity: 20, running: 5, asked: 10 })).toBe(5);
});

it('asks for no more than one claim may', () => {
  expect(claimPart({ capacity: 1_000, running: 0, asked: 0 })).toBe(64);
});
