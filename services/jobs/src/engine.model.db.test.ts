// Whatever clients, workers, the clock and death do to the engine, in whatever order: it stays what DESIGN §5 says.
import fc from 'fast-check';
import { beforeAll, it } from 'vitest';
import {
  cancel,
  claim,
  renew,
  report,
  retry,
  submit,
  sweep,
  type Operation,
} from './testing/engine-commands.js';
import { startEngine, type Engine } from './testing/engine.js';
import { TIMES } from './testing/job-model.js';
import {
  again,
  begin,
  killed,
  mortal,
  once,
  race,
  settle,
  vanish,
  wait,
  type Death,
} from './testing/job-model-run.js';

const HOUR_MS = 3_600_000;
const death: Death = { next: false };
let engine: Engine;
beforeAll(async () => {
  engine = await startEngine({
    around: mortal(death),
    timing: {
      startLeaseMs: TIMES.startLease * HOUR_MS,
      leaseMs: TIMES.lease * HOUR_MS,
      backoff: { baseMs: TIMES.backoffBase * HOUR_MS, maxMs: TIMES.backoffMax * HOUR_MS },
    },
  });
});

const workers = fc.constantFrom('worker-1', 'worker-2');
const which = fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, fc.nat(30));
const word = fc.constantFrom('SUCCEEDED', 'FAILED', 'HOPELESS', 'TIMEOUT', 'CANCELLED', null);

const submits = fc
  .record({
    items: fc.integer({ min: 1, max: 5 }),
    maxAttempts: fc.integer({ min: 1, max: 3 }),
    priority: fc.constantFrom(0, 0, 5),
    key: fc.constantFrom(null, null, 'key-1', 'key-2'),
  })
  .map(submit);
const claims = fc
  .record({
    workerId: workers,
    capacity: fc.constantFrom(1, 2, 10),
    start: fc.boolean(),
    requestId: fc.oneof(fc.constantFrom('request-1', 'request-2'), fc.uuid()),
  })
  .map(claim);
const reports = fc
  .record({
    which,
    kind: fc.constantFrom('FINISHED', 'FINISHED', 'FINISHED', 'STARTED', 'RELEASED'),
    words: fc.array(word, { minLength: 3, maxLength: 3 }),
    reversed: fc.boolean(),
    doubled: fc.boolean(),
    by: fc.constantFrom('its worker', 'its worker', 'its worker', 'another worker', 'an old fence'),
  })
  .map(report);
const cancels = fc.nat(5).map(cancel);
const retries = fc.tuple(fc.nat(5), fc.constantFrom(false, false, true)).map(([job, all]) => retry(job, all));
const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: submits },
  { weight: 5, arbitrary: claims },
  { weight: 8, arbitrary: reports },
  { weight: 2, arbitrary: workers.map(renew) },
  { weight: 2, arbitrary: fc.constant(sweep) },
  { weight: 1, arbitrary: cancels },
  { weight: 2, arbitrary: retries },
);

const commands = fc.commands(
  [
    submits.map(once),
    claims.map(once),
    reports.map(once),
    operations.map(once),
    operations.map(once),
    fc.constant(wait(2)),
    fc.constant(vanish),
    operations.map(killed),
    fc.oneof(claims, reports, cancels).map(again),
    fc.tuple(operations, operations).map(([one, other]) => race(one, other)),
    // The same at once: a request that was sent again while the first is still under way.
    fc.oneof(claims, submits, cancels, retries, fc.constant(sweep)).map((one) => race(one, one)),
  ],
  { maxCommands: 60, size: 'max' },
);

/** `npm test` takes a minute of it; WEFT_MODEL_RUNS and WEFT_MODEL_SEED ask for more, or for the same again. */
const runs = Number(process.env['WEFT_MODEL_RUNS'] ?? 60);
const seed = Number(process.env['WEFT_MODEL_SEED'] ?? Date.now() % 2 ** 31);
const BUDGET_MS = process.env['WEFT_MODEL_RUNS'] === undefined ? 40_000 : 3_600_000;

it(
  `behaves as the model, whatever is done (WEFT_MODEL_SEED=${seed})`,
  async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (all) => {
        await fc.asyncModelRun(() => begin(engine, death), [...all, settle]);
      }),
      { seed, numRuns: runs, interruptAfterTimeLimit: BUDGET_MS },
    );
  },
  BUDGET_MS + 60_000,
);
