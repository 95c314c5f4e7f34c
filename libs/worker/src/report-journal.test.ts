import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttemptReport } from '@weft/contracts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openReportJournal } from './report-journal.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weft-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = () => join(folder, 'reports.jsonl');
const leftovers = () => openReportJournal(folder).leftovers.map(({ report }) => report);
const reportOf = (jobId: string, result = 'null'): AttemptReport => ({
  jobId,
  attempt: 1,
  fence: 1,
  kind: 'FINISHED',
  items: [
    { index: 0, outcome: 'SUCCEEDED', result, resultArtifactId: null, resultSha256: null, error: null },
  ],
  usage: null,
});

it('what is kept is there after a crash, in order, and only for this user', () => {
  const journal = openReportJournal(folder);
  const reports = ['one', 'two', 'three'].map((id) => reportOf(id, '"line\\nbreak \u2028 \u{1F600}"'));
  for (const report of reports) journal.keep(report);
  expect(leftovers()).toEqual(reports);
  expect(statSync(path()).mode & 0o077).toBe(0);
});

it('a line that a crash left half-written costs no other one, and spoils none that follows', () => {
  openReportJournal(folder).keep(reportOf('one'));
  appendFileSync(path(), JSON.stringify(reportOf('torn')).slice(0, 40));
  const journal = openReportJournal(folder);
  journal.keep(reportOf('two'));
  expect(leftovers()).toEqual([reportOf('one'), reportOf('two')]);
});

it('is empty when all is answered', () => {
  const journal = openReportJournal(folder);
  const entries = ['one', 'two'].map((id) => journal.keep(reportOf(id)));
  for (const entry of entries) journal.forget(entry);
  journal.close();
  expect(readFileSync(path(), 'utf8')).toBe('');
  expect(readdirSync(folder)).toEqual(['reports.jsonl']);
});

it('stays small while some report is never answered', () => {
  const journal = openReportJournal(folder);
  const stuck = reportOf('stuck');
  journal.keep(stuck);
  for (let round = 0; round < 100; round += 1)
    journal.forget(journal.keep(reportOf(`job-${round}`, JSON.stringify('x'.repeat(100_000)))));
  expect(statSync(path()).size).toBeLessThan(5 * 1_024 * 1_024);
  expect(leftovers()).toContainEqual(stuck);
  expect(leftovers().length).toBeLessThan(60);
});
