// The lifecycle of a service version as one table: types, guard and CHECK constraint follow from it.

export const SERVICE_VERSION_LIFECYCLE = {
  publish: { from: ['CREATED'], to: 'PUBLISHED' },
} as const;

/** CREATED: its organization may try it. PUBLISHED: everybody may run it, for ever. */
export const SERVICE_VERSION_STATES = ['CREATED', 'PUBLISHED'] as const;
export type ServiceVersionState = (typeof SERVICE_VERSION_STATES)[number];

export type ServiceVersionAction = keyof typeof SERVICE_VERSION_LIFECYCLE;

export const canApply = (action: ServiceVersionAction, state: ServiceVersionState): boolean =>
  (SERVICE_VERSION_LIFECYCLE[action].from as readonly ServiceVersionState[]).includes(state);
