import { describe, expect, it } from 'vitest';
import { isFileName, resultFileName } from './result-pool.js';

const result = { jobId: 'j1', jobName: 'sweep', index: 7 };

describe('the name of the file of a result', () => {
  it.each([
    ['{name}/{jobId}-{index}.json', 'sweep/j1-7.json'],
    ['{index}{index}', '77'],
    ['plain', 'plain'],
    ['{other}', '{other}'],
  ])('%s is %s', (template, name) => expect(resultFileName(template, result)).toBe(name));

  it('is not led elsewhere by the name of the job, whatever that holds', () => {
    for (const jobName of ['../a', '..\\a', ' a/b ', '{jobId}', '$&'])
      expect(isFileName(resultFileName('x/{name}', { ...result, jobName }))).toBe(true);
    expect(resultFileName('{name}', { ...result, jobName: '{jobId}$&' })).toBe('{jobId}$&');
    expect(isFileName(resultFileName('{name}', { ...result, jobName: '..' }))).toBe(false);
  });
});
