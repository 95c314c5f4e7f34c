// `npm test`: every suite in turn, then one line of counts over all of them. `npm run test:<suite>` runs one.
// A test that is switched off fails the linter; here only those are left out that this machine cannot run, and named.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, isBuilt } from '../dev/build.mjs';

const root = resolve(import.meta.dirname, '../..');
const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '../vitest.mjs');

const not = (...globs) => globs.flatMap((glob) => ['--exclude', glob]);

/** What each suite needs is told by the name of its files; `built` suites start the compiled programs. */
const SUITES = {
  unit: { args: not('**/*.db.test.ts', '**/*.sys.test.ts', 'tools/e2e/**'), built: false },
  db: { args: ['.db.test.ts', '.sys.test.ts', ...not('tools/e2e/**')], built: true },
  // Each file has a whole Weft of its own: two at once would measure the machine.
  e2e: { args: ['tools/e2e', '--no-file-parallelism'], built: true },
};

function vitestRun(name, report) {
  const { args } = SUITES[name];
  const reporters = [
    '--silent=passed-only',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const child = spawn(process.execPath, [vitest, 'run', ...args, ...reporters], {
    cwd: root,
    stdio: 'inherit',
  });
  return new Promise((done) => {
    child.once('exit', (code) => done(code ?? 1));
    child.once('error', () => done(1));
  });
}

/** Counts of one suite. A file that could not even be loaded has no tests to fail, and counts as one failure. */
function countsOf(report, code) {
  let result;
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, leftOut: [] };
  }
  const broken = result.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = result.numFailedTests + broken;
  return {
    passed: result.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    leftOut: result.testResults.flatMap((file) =>
      file.assertionResults
        .filter(({ status }) => status === 'skipped' || status === 'pending')
        .map(({ fullName }) => fullName),
    ),
  };
}

async function main(names) {
  const unknown = names.filter((name) => !(name in SUITES));
  if (unknown.length > 0)
    throw new Error(`No such suite: ${unknown.join(', ')}. There are ${Object.keys(SUITES).join(', ')}.`);
  if (names.some((name) => SUITES[name].built) && !isBuilt() && !(await build()))
    throw new Error('The build failed.');

  const folder = mkdtempSync(join(tmpdir(), 'weft-test-'));
  const total = { passed: 0, failed: 0 };
  try {
    for (const name of names) {
      console.log(`\n--- ${name} ---`);
      const report = join(folder, `${name}.json`);
      const counts = countsOf(report, await vitestRun(name, report));
      total.passed += counts.passed;
      total.failed += counts.failed;
      console.log(`${name}: ${counts.passed} passed, ${counts.failed} failed`);
      for (const test of counts.leftOut)
        console.log(`${name}: NOT RUN, this machine lacks what it needs: ${test}`);
      // A bare machine may lack Python; the machine of CI may lack nothing.
      if (process.env.CI) total.failed += counts.leftOut.length;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

const wanted = process.argv.slice(2);
process.exitCode = await main(wanted.length > 0 ? wanted : Object.keys(SUITES));
