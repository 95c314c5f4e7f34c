// Who may say and hear what on the broker. Data only: the server's configuration is rendered from it.
import { AppError } from '@weft/errors';

/** A service's name is its NATS user. */
export const NATS_ROLES = ['jobs', 'execution', 'registry', 'marketplace'] as const;
export type NatsRole = (typeof NATS_ROLES)[number];

export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export interface NatsUser {
  readonly name: string;
  readonly password: string;
  readonly permissions: NatsPermissions;
}

/** Each role has an inbox of its own, so that none can read the answers of another. */
const inbox = (name: string): string => `_INBOX_${name}.>`;

/** Every service writes its own events, reads all events and uses JetStream; the keepers of a protocol also serve it. */
const OWN_PROTOCOL: Readonly<Record<NatsRole, readonly string[]>> = {
  jobs: ['weft.work.>'],
  execution: ['weft.exec.>'],
  registry: [],
  marketplace: [],
};

const WORK_OPERATIONS = ['claim', 'renew', 'report', 'input'];
const EXEC_OPERATIONS = ['log', 'artifact', 'beat'];

/** Targets of services that run jobs of their own: any worker of the service, one a replica, and nobody else. */
const OWN_TARGETS: Readonly<Record<NatsRole, readonly string[]>> = {
  jobs: [],
  execution: [],
  registry: ['registry'],
  marketplace: [],
};

/**
 * Who serves a protocol may publish into the inboxes of those who ask it: the workers, and the services with a target of their own.
 * Not by `allow_responses`: for that the server keeps every message with a reply subject for a while, events of JetStream too, and
 * (2.9, seen in its profile) goes through all of them with each further one: most of what it did while thousands of events a minute were handled.
 */
const inboxesOfAskers = (role: NatsRole, workers: readonly string[]): string[] =>
  OWN_PROTOCOL[role].length === 0
    ? []
    : [...workers, ...NATS_ROLES.filter((one) => OWN_TARGETS[one].length > 0)].map(inbox);

/** @param workers ids of the workers with a credential of their own. */
export const rolePermissions = (role: NatsRole, workers: readonly string[]): NatsPermissions => ({
  publish: [
    `weft.event.${role}.>`,
    ...OWN_PROTOCOL[role],
    ...OWN_TARGETS[role].flatMap((target) =>
      WORK_OPERATIONS.map((operation) => `weft.work.${operation}.${target}.*`),
    ),
    // Files that its jobs make, and what they may read for their organization (ADR 0037); it writes no logs, and its target is no target of execution's.
    ...OWN_TARGETS[role].map((target) => `weft.exec.artifact.${target}.*`),
    '$JS.API.>',
    '$JS.ACK.>',
    ...inboxesOfAskers(role, workers),
  ],
  subscribe: [
    'weft.event.>',
    ...OWN_PROTOCOL[role],
    ...OWN_TARGETS[role].map((target) => `weft.work.cancel.${target}.*`),
    inbox(role),
  ],
});

const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

/** A worker of its own credential speaks only for itself and only of its targets, and has no part in JetStream. */
export function workerPermissions(workerId: string, targets: readonly string[]): NatsPermissions {
  for (const token of [workerId, ...targets]) {
    if (!TOKEN.test(token)) {
      throw new AppError(
        'CONFIG_INVALID',
        `"${token}" cannot be part of a NATS subject: use letters, digits, - and _ only.`,
      );
    }
  }
  if ((NATS_ROLES as readonly string[]).includes(workerId)) {
    throw new AppError('CONFIG_INVALID', `A worker cannot have the name of the service ${workerId}.`);
  }
  const taken = targets.find((target) => Object.values(OWN_TARGETS).flat().includes(target));
  if (taken !== undefined)
    throw new AppError(
      'CONFIG_INVALID',
      `The target ${taken} is a service's own; no other worker serves it.`,
    );
  return {
    publish: targets.flatMap((target) => [
      ...WORK_OPERATIONS.map((operation) => `weft.work.${operation}.${target}.${workerId}`),
      ...EXEC_OPERATIONS.map((operation) => `weft.exec.${operation}.${target}.${workerId}`),
    ]),
    subscribe: [inbox(workerId), ...targets.map((target) => `weft.work.cancel.${target}.${workerId}`)],
  };
}

/** May do everything: for tests that look from outside. */
export const EVERYTHING: NatsPermissions = { publish: ['>'], subscribe: ['>'] };
