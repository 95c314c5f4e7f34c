import { expect, test } from 'vitest';
import { fewEnough, type Belonging } from './crate-content.js';

const value = (which: 'params' | 'result', item?: number): Belonging => ({
  key: `${which} ${item ?? 'of all'}`,
  source: { from: 'VALUE', jobId: 'job', which, ...(item !== undefined && { item }) },
  folder: 'inputs',
  name: 'value.json',
});

test('what single items brought is left out of a crate that would have too many files', () => {
  const all = [value('params'), value('params', 0), value('params', 1), value('result', 0)];
  expect(fewEnough(all, 4)).toEqual(all);
  expect(fewEnough(all, 3).map(({ key }) => key)).toEqual(['params of all', 'result 0']);
});
