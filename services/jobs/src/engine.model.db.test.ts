// Whatever clients, workers, the clock and death do to the engine, in whatever order: it stays what DESIGN §5 says.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, it } from 'vitest';
import { aUser } from '@weft/testkit';
import { limits as targetLimits, startEngine, type Engine } from './testing/engine.js';
import { LIMIT, TIMES } from './testing/job-model.js';
import { again, race, settle, vanish, wait } from './testing/job-model-commands.js';
import { crash, killed, type Fate } from './testing/job-model-deaths.js';
import { begin, once, several, type Command } from './testing/job-model-run.js';
import { jumpingDatabase, type JumpingDatabase } from './testing/jumping-clock.js';
import type { Operation } from './testing/operation.js';
import { claim } from './testing/operations-of-claims.js';
import { cancel, cancelSome, limit, retry, start, submit } from './testing/operations-of-clients.js';
import { leave, lookAgain, sit } from './testing/operations-of-seats.js';
import { passDeadlines, sweep } from './testing/operations-of-time.js';
import { renew, report } from './testing/operations-of-workers.js';

const HOUR_MS = 3_600_000;
let clock: JumpingDatabase;
let engine: Engine;
beforeAll(async () => {
  clock = await jumpingDatabase();
  const organizations = [randomUUID(), randomUUID()].map((id) => ({ id, role: 'OWNER' as const }));
  engine = await startEngine({
    database: clock,
    user: aUser({ organizations, personalOrganizationId: organizations[0]?.id }),
    // Longer than all that is waited for: here only leases end an attempt.
    target: { limits: { ...targetLimits, timeSeconds: 10_000_000, concurrentAttempts: LIMIT } },
    timing: {
      startLeaseMs: TIMES.startLease * HOUR_MS,
      leaseMs: TIMES.lease * HOUR_MS,
      backoff: { baseMs: TIMES.backoffBase * HOUR_MS, maxMs: TIMES.backoffMax * HOUR_MS },
    },
  });
  // Of the first organization, and for the other one to use.
  await engine.ports.transact((tx) =>
    tx.references.keepServiceVersion({ ...engine.version, seq: 2, lifecycle: 'PUBLISHED' }),
  );
});
afterAll(() => clock.close());

const workers = fc.constantFrom('worker-1', 'worker-2');
const which = fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, fc.nat(30));
const word = fc.constantFrom('SUCCEEDED', 'FAILED', 'HOPELESS', 'TIMEOUT', 'CANCELLED', null);

const submits = fc
  .record({
    of: fc.constantFrom(0, 0, 1),
    items: fc.integer({ min: 1, max: 5 }),
    maxAttempts: fc.integer({ min: 1, max: 3 }),
    priority: fc.constantFrom(0, 0, 5),
    key: fc.constantFrom(null, null, 'key-1', 'key-2'),
    // Never at a full even hour, at which everything else happens.
    startIn: fc.constantFrom(null, null, null, null, 1, 3),
    dueIn: fc.constantFrom(null, null, null, null, 1.25, 3.25, 9.25),
  })
  .map(submit);
const asked = { workerId: workers, capacity: fc.constantFrom(1, 2, 10), start: fc.boolean() };
const claims = fc
  .record({ ...asked, requestId: fc.oneof(fc.constantFrom('request-1', 'request-2'), fc.uuid()) })
  .map(claim);
const sits = fc.record({ ...asked, requestId: fc.uuid(), fresh: fc.boolean() }).map(sit);
const leaves = fc.tuple(fc.nat(2), fc.nat(4)).map(([which, after]) => leave(which, after));
const limits = fc
  .tuple(fc.constantFrom(0, 0, 1, undefined), fc.constantFrom(null, 1, 1, 2, 2))
  .map(([of, most]) => limit(of, most));
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
const cancels = fc.oneof(
  fc.nat(5).map(cancel),
  fc.tuple(fc.nat(5), fc.nat(15)).map(([job, bits]) => cancelSome(job, bits)),
);
const retries = fc.tuple(fc.nat(5), fc.constantFrom(false, false, true)).map(([job, all]) => retry(job, all));
const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: submits },
  { weight: 1, arbitrary: fc.constant(start) },
  { weight: 2, arbitrary: limits },
  { weight: 2, arbitrary: sits },
  { weight: 1, arbitrary: leaves },
  { weight: 5, arbitrary: claims },
  { weight: 8, arbitrary: reports },
  { weight: 2, arbitrary: workers.map(renew) },
  { weight: 2, arbitrary: fc.constantFrom(sweep, passDeadlines) },
  { weight: 2, arbitrary: cancels },
  { weight: 2, arbitrary: retries },
);

/** Limits that were set before there is anything, and workers that wait or have left when it comes, much at once. */
const openings = (replicas: number): fc.Arbitrary<Command[]> => {
  const at = fc.nat(replicas - 1);
  const limited = fc.tuple(limits, at).map(([one, where]) => [once(one, where)]);
  const births = fc.tuple(submits, fc.oneof(submits, leaves), fc.oneof(submits, leaves));
  const served = fc
    .tuple(fc.array(sits, { minLength: 1, maxLength: 2 }), births, at)
    .map(([all, born, where]) => [
      several(all, where),
      race(...born.map((one): [Operation, number] => [one, where])),
    ]);
  const left = fc
    .tuple(sits, submits, at)
    .map(([one, born, where]) => [several([one, leave(0), born], where)]);
  return fc
    .array(
      fc.oneof(
        { weight: 1, arbitrary: limited },
        { weight: 3, arbitrary: served },
        { weight: 1, arbitrary: left },
      ),
      { maxLength: 3 },
    )
    .map((all) => all.flat());
};

const commandsAt = (replicas: number): fc.Arbitrary<Iterable<Command>> => {
  const at = fc.nat(replicas - 1);
  const placed = (operation: fc.Arbitrary<Operation>): fc.Arbitrary<Command> =>
    fc.tuple(operation, at).map(([one, where]) => once(one, where));
  const births = fc.oneof({ weight: 3, arbitrary: submits }, { weight: 2, arbitrary: fc.constant(start) });
  const crowds = fc.tuple(fc.array(births, { minLength: 2, maxLength: 5 }), at);
  const somewhere = fc.tuple(operations, at);
  // A request that is sent again while the first one is still under way.
  const repeated = fc.oneof(
    claims,
    submits,
    cancels,
    retries,
    reports,
    fc.constantFrom(sweep, passDeadlines),
  );
  return fc.commands(
    [
      placed(submits),
      crowds.map(([all, where]) => several(all, where)),
      fc.tuple(sits, crowds).map(([one, [all, where]]) => several([one, ...all], where)),
      placed(claims),
      placed(reports),
      placed(operations),
      placed(operations),
      placed(limits),
      placed(fc.oneof(sits, leaves, fc.nat(2).map(lookAgain))),
      fc.constant(wait(2)),
      fc.constant(vanish),
      fc
        .tuple(
          operations,
          at,
          fc.constantFrom<Fate>('before', 'after', 'unanswered'),
          fc.constantFrom(1, 1, 2, 3),
        )
        .map(([one, where, fate, write]) => killed(one, where, fate, write)),
      fc.tuple(at, fc.option(at, { nil: undefined })).map(([where, elsewhere]) => crash(where, elsewhere)),
      fc
        .tuple(fc.oneof(claims, reports, cancels), at, at)
        .map(([one, first, second]) => again(one, first, second)),
      fc.array(somewhere, { minLength: 2, maxLength: 3 }).map((all) => race(...all)),
      fc.tuple(claims, claims).map(([one, other]) => race([one, 0], [other, replicas - 1])),
      fc.tuple(repeated, at, at).map(([one, first, second]) => race([one, first], [one, second])),
    ],
    { maxCommands: 40, size: 'max' },
  );
};

/** `npm test` takes a minute of it; WEFT_MODEL_RUNS and WEFT_MODEL_SEED ask for more, or for the same again. */
const runs = Number(process.env['WEFT_MODEL_RUNS'] ?? 30);
const seed = Number(process.env['WEFT_MODEL_SEED'] ?? Date.now() % 2 ** 31);
/** For how long a failing run is made smaller. */
const SHRINK_MS = 30_000;
const BUDGET_MS = process.env['WEFT_MODEL_RUNS'] === undefined ? 20_000 : 3_600_000;

it.each([
  ['one process', 1],
  ['two processes, each with a memory of its own', 2],
])(
  `%s behave as the model, whatever is done (WEFT_MODEL_SEED=${seed})`,
  async (_, replicas) => {
    // fast-check would leave a run that is under way to itself, among those of the next test.
    let until = performance.now() + BUDGET_MS;
    await fc.assert(
      fc.asyncProperty(openings(replicas), commandsAt(replicas), async (first, all) => {
        if (performance.now() > until) return;
        await fc
          .asyncModelRun(() => begin(engine, clock, replicas), [...first, ...all, settle])
          .catch((error: unknown) => {
            until = Math.min(until, performance.now() + SHRINK_MS);
            throw error;
          });
      }),
      { seed, numRuns: runs },
    );
  },
  BUDGET_MS + 60_000,
);
