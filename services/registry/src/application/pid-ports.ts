// Persistent identifiers as use cases see them, and what stands behind: a registrar, and the wishes that it is still to hear of.
import type { Tx } from '@weft/database';
import type { RegisteredSubtype } from '../domain/node.js';

export const PID_KINDS = ['local-ark', 'handle', 'datacite'] as const;
export type PidKind = (typeof PID_KINDS)[number];

/** What a registrar tells the whole world of an item: nothing of it may be closed. */
export interface PidRecord {
  readonly title: string;
  /** One at least. */
  readonly creators: readonly string[];
  readonly publisher: string;
  /** Of publication. */
  readonly year: number;
  readonly type: RegisteredSubtype;
}

export interface Pids {
  /** A name that nobody else has, made here and now: nobody is asked, so it may be done within a transaction. */
  mint(): string;
  /**
   * Wishes that the world hears of these; done afterwards, again and again until it worked. A record that is known already
   * costs nothing; a name that another provider made stays as it is.
   */
  publish(tx: Tx, publications: readonly PidPublication[]): Promise<void>;
  /** Wishes that these are told as withdrawn. They lead to their tombstones for ever and are never given anew. */
  retire(tx: Tx, pids: readonly string[], reason: string): Promise<void>;
}

export interface PidPublication {
  readonly pid: string;
  readonly record: PidRecord;
}

/** A registrar. Each of these may be repeated, also after an answer that was lost; they throw a PidFailure. */
export interface PidProvider {
  readonly kind: PidKind;
  /** Whether the name is one of its own: others date from the time of another provider. */
  owns(pid: string): boolean;
  mint(): string;
  /** Makes the identifier known, or tells what is now true of it; of a retired one too. */
  publish(pid: string, record: PidRecord & { readonly url: string }, signal: AbortSignal): Promise<void>;
  /** The identifier leads to another address from now on. */
  updateTarget(pid: string, url: string, signal: AbortSignal): Promise<void>;
  retire(pid: string, reason: string, signal: AbortSignal): Promise<void>;
}

export type PidWish = 'PUBLISHED' | 'RETIRED';

/** A wish under a lease. */
export interface TakenPid {
  readonly pid: string;
  readonly wish: PidWish;
  readonly record: PidRecord;
  readonly reason: string | null;
  /** Counts the wishes for this pid. */
  readonly revision: number;
  /** The revision that the registrar knows; 0: it has never heard of the pid. */
  readonly told: number;
  /** The address that the registrar knows. */
  readonly target: string | null;
  /** Tries of this revision, this one included. */
  readonly tried: number;
  /** Fence: a lease that ran out has no say any more. */
  readonly take: number;
}

export interface PidQueue {
  /** Gives wishes that were given up, and pids that lead elsewhere than below this address, another round. */
  reopen(kind: PidKind, resolverUrl: string): Promise<number>;
  take(kind: PidKind, most: number, leaseMs: number): Promise<TakenPid[]>;
  done(taken: TakenPid, target: string): Promise<void>;
  /** @param waitMs undefined: given up. */
  failed(
    taken: TakenPid,
    problem: string,
    verdict: { waitMs: number | undefined; counts: boolean },
  ): Promise<void>;
}

/** PENDING: still to be told; FAILED: given up, `problem` says why. */
export type PidState = 'PENDING' | 'PUBLISHED' | 'RETIRED' | 'FAILED';

export interface PidPublicationView {
  readonly pid: string;
  readonly state: PidState;
  /** Of the last try that failed. */
  readonly problem: string | null;
  readonly tries: number;
  readonly nextTryAt: Date | null;
}
