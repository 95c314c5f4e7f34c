// What the engine does when time has passed.
import { expireLeases } from '../application/expire-leases.js';
import { keepDeadlines } from '../application/keep-deadlines.js';
import type { Ports } from '../application/ports.js';
import * as moves from './job-model-moves.js';
import type { Operation } from './operation.js';

export const sweep: Operation = {
  name: 'sweep',
  repeatable: true,
  stepwise: true,
  plan: () => ({
    perform: ({ ports }) => expireLeases(ports),
    apply: (model) => moves.swept(model),
  }),
};

export const passDeadlines: Operation = {
  name: 'pass deadlines',
  repeatable: true,
  stepwise: true,
  plan: () => ({
    perform: ({ ports }) => keepDeadlines(impatient(ports)),
    apply: (model) => moves.deadlinesKept(model),
  }),
};

/** Where it would look again some seconds later it does so whenever it is asked: the model knows no seconds. */
const impatient = (ports: Ports): Ports => ({
  ...ports,
  transact: (work) =>
    ports.transact((tx) =>
      work({
        ...tx,
        deadlines: { ...tx.deadlines, lookAgain: (jobId) => tx.deadlines.lookAgain(jobId, new Date(0)) },
      }),
    ),
});
