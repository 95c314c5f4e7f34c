import { AppError } from '@weft/errors';
import type { Actor, ActorIssuer } from '@weft/identity';
import type { Logger } from '@weft/telemetry';
import { nobody, signingCaller, type Caller } from './caller.js';
import { hashToken, type TokenActor, type TokenDirectory } from './token-directory.js';

/** A client that was let in. */
export interface Admission {
  /** As the caller is known now: its rights may change while a subscription is open. */
  readonly caller: Caller;
}

export interface AdmissionWatcher {
  /** The credential was revoked or has expired. */
  ended(error: AppError): void;
  /** The caller lost a role, a scope, an organization or a team. */
  narrowed(): void;
}

/** Decides who comes in, and watches that those who stay still may. */
export interface Gatekeeper {
  /** Admits the bearer of an `Authorization` value; throws UNAUTHENTICATED. */
  admit(authorization: string | undefined): Promise<Admission>;
  /** Keeps asking whether the admission holds, until the returned function is called. */
  watch(admission: Admission, watcher: AdmissionWatcher): () => void;
  close(): void;
}

/** GATEWAY_AUTH=off: everyone comes in, as nobody. */
export const openDoor: Gatekeeper = {
  admit: () => Promise.resolve({ caller: nobody }),
  watch: () => () => undefined,
  close: () => undefined,
};

export const RECHECK_MS = 4_000;
// With the directory out of reach, open subscriptions go on for this long on the last answer.
const TRUST_LAST_ANSWER_MS = 300_000;
const MAX_CALLERS = 10_000;

class TokenAdmission implements Admission {
  readonly watchers = new Set<AdmissionWatcher>();
  constructor(
    readonly hash: string,
    public caller: Caller,
  ) {}
}

export function createGatekeeper(
  directory: TokenDirectory,
  issuer: ActorIssuer,
  logger: Logger,
  recheckMs: number = RECHECK_MS,
): Gatekeeper {
  const callers = new Map<string, Caller>();
  const watched = new Set<TokenAdmission>();
  let lastAnswerAt = performance.now();
  let asking = false;

  // One caller for each token for as long as its rights stay the same, so that signatures are reused.
  const callerOf = (hash: string, { actor }: TokenActor): Caller => {
    const known = callers.get(hash);
    if (known?.actor !== undefined && JSON.stringify(known.actor) === JSON.stringify(actor)) return known;
    if (callers.size >= MAX_CALLERS) callers.clear();
    const caller = signingCaller(actor, issuer);
    callers.set(hash, caller);
    return caller;
  };

  const recheck = async (): Promise<void> => {
    if (asking || watched.size === 0) return;
    asking = true;
    const admissions = [...watched];
    try {
      const answers = await directory.refresh([...new Set(admissions.map((one) => one.hash))]);
      lastAnswerAt = performance.now();
      for (const admission of admissions) reconsider(admission, answers.get(admission.hash));
    } catch (error) {
      logger.warn({ error: String(error) }, 'tokens of open subscriptions cannot be checked');
      if (performance.now() - lastAnswerAt > TRUST_LAST_ANSWER_MS) for (const one of admissions) end(one);
    } finally {
      asking = false;
    }
  };

  const reconsider = (admission: TokenAdmission, answer: TokenActor | undefined): void => {
    if (answer === undefined) return end(admission);
    const before = admission.caller.actor;
    admission.caller = callerOf(admission.hash, answer);
    if (before !== undefined && lostRights(before, answer.actor))
      for (const one of [...admission.watchers]) one.narrowed();
  };

  const end = (admission: TokenAdmission): void => {
    callers.delete(admission.hash);
    const error = new AppError(
      'SUBSCRIPTION_REVOKED',
      'The token was revoked or has expired; subscribe again with a valid one.',
    );
    for (const one of [...admission.watchers]) one.ended(error);
  };

  const timer = setInterval(() => void recheck(), recheckMs).unref();

  return {
    async admit(authorization) {
      const token = /^Bearer +(weft_[\w-]{43})$/i.exec(authorization?.trim() ?? '')?.[1];
      if (token === undefined) throw unauthenticated(authorization);
      const hash = hashToken(token);
      const answer = await directory.lookup(hash);
      if (answer === undefined) throw unauthenticated(authorization);
      return new TokenAdmission(hash, callerOf(hash, answer));
    },
    watch(admission, watcher) {
      if (!(admission instanceof TokenAdmission)) return () => undefined;
      if (watched.size === 0) lastAnswerAt = performance.now();
      admission.watchers.add(watcher);
      watched.add(admission);
      return () => {
        admission.watchers.delete(watcher);
        if (admission.watchers.size === 0) watched.delete(admission);
      };
    },
    close() {
      clearInterval(timer);
    },
  };
}

/** No `Authorization`, or one into which no token was pasted yet, as the explorer sends it at first. */
export const showsNoToken = (authorization: string | undefined): boolean =>
  /^(Bearer)?$/i.test(authorization?.trim() ?? '');

const unauthenticated = (authorization: string | undefined): AppError =>
  new AppError(
    'UNAUTHENTICATED',
    showsNoToken(authorization)
      ? 'Send a personal token: "Authorization: Bearer weft_…".'
      : 'The token is not valid: it is malformed, revoked or expired.',
  );

function lostRights(before: Actor, after: Actor): boolean {
  const rights = (actor: Actor): string[] => [
    ...actor.organizations.map((one) => `organization ${one.id} ${one.role}`),
    ...actor.teams.map((team) => `team ${team}`),
    ...actor.scopes.map((scope) => `scope ${scope}`),
    ...actor.roles.map((role) => `role ${role}`),
  ];
  const kept = new Set(rights(after));
  return rights(before).some((right) => !kept.has(right));
}
