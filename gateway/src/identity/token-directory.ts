import { createHash } from 'node:crypto';
import { AppError } from '@weft/errors';
import { MEMBER_ROLES, type Actor, type Membership } from '@weft/identity';

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Who a valid token stands for. */
export interface TokenActor {
  readonly actor: Actor;
  readonly expiresAtMs: number | undefined;
}

/** Asks who is behind each hash; a hash that is absent from the answer is no valid token. */
export type AskTokens = (hashes: readonly string[]) => Promise<ReadonlyMap<string, TokenActor>>;

export interface TokenDirectory {
  /** The actor of a token's hash, or undefined if it is not valid; remembered for a few seconds. */
  lookup(hash: string): Promise<TokenActor | undefined>;
  /** Asks anew, whatever is remembered. */
  refresh(hashes: readonly string[]): Promise<ReadonlyMap<string, TokenActor>>;
}

const REMEMBER_VALID_MS = 4_000;
const REMEMBER_INVALID_MS = 1_000;
const MAX_REMEMBERED = 10_000;
const MAX_ASKED_AT_ONCE = 500;

interface Remembered {
  readonly answer: TokenActor | undefined;
  readonly untilMs: number;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Answers are never older than 4 s; lookups of the same moment share one question. */
export function createTokenDirectory(ask: AskTokens, now: () => number = Date.now): TokenDirectory {
  const remembered = new Map<string, Remembered>();
  let batch:
    { readonly hashes: Set<string>; readonly answers: Promise<ReadonlyMap<string, TokenActor>> } | undefined;
  let underway: Promise<unknown> = Promise.resolve();

  const remember = (hash: string, answer: TokenActor | undefined): void => {
    if (remembered.size >= MAX_REMEMBERED) {
      for (const [old] of remembered) {
        remembered.delete(old);
        if (remembered.size < MAX_REMEMBERED / 2) break;
      }
    }
    const untilMs = now() + (answer === undefined ? REMEMBER_INVALID_MS : REMEMBER_VALID_MS);
    remembered.delete(hash);
    remembered.set(hash, { answer, untilMs });
  };

  const valid = (answer: TokenActor | undefined): TokenActor | undefined =>
    answer?.expiresAtMs !== undefined && answer.expiresAtMs <= now() ? undefined : answer;

  const refresh = async (hashes: readonly string[]): Promise<ReadonlyMap<string, TokenActor>> => {
    const answers = new Map<string, TokenActor>();
    for (let start = 0; start < hashes.length; start += MAX_ASKED_AT_ONCE) {
      const some = hashes.slice(start, start + MAX_ASKED_AT_ONCE);
      const found = await ask(some);
      for (const hash of some) {
        const answer = valid(found.get(hash));
        remember(hash, answer);
        if (answer !== undefined) answers.set(hash, answer);
      }
    }
    return answers;
  };

  // One question at a time: whoever comes while it is under way joins the next.
  const openBatch = () => {
    const hashes = new Set<string>();
    const answers = underway.then(nextTurn).then(() => {
      batch = undefined;
      return refresh([...hashes]);
    });
    underway = answers.catch(() => undefined);
    return { hashes, answers };
  };

  return {
    refresh,
    async lookup(hash) {
      const known = remembered.get(hash);
      if (known !== undefined && known.untilMs > now()) return valid(known.answer);
      batch ??= openBatch();
      batch.hashes.add(hash);
      return (await batch.answers).get(hash);
    },
  };
}

export const TOKEN_ACTORS_QUERY = `query TokenActors($hashes: [String!]!) {
  tokenActors(hashes: $hashes) {
    hash tokenId userId personalOrganizationId organizations { id role } teams scopes roles expiresAt
  }
}`;

interface TokenActorRow {
  readonly hash: string;
  readonly tokenId: string;
  readonly userId: string;
  readonly personalOrganizationId: string | null;
  readonly organizations: readonly Membership[];
  readonly teams: readonly string[];
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly expiresAt: string | null;
}

/** Reads marketplace's answer to {@link TOKEN_ACTORS_QUERY}. */
export function readTokenActors(answer: {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string }[];
}): Map<string, TokenActor> {
  const rows = answer.data?.['tokenActors'];
  if (!Array.isArray(rows)) {
    throw new AppError(
      'SERVICE_UNAVAILABLE',
      'Tokens cannot be checked at the moment.',
      {},
      { cause: answer.errors?.[0]?.message },
    );
  }
  return new Map((rows as TokenActorRow[]).map((row) => [row.hash, tokenActor(row)]));
}

const tokenActor = (row: TokenActorRow): TokenActor => ({
  actor: {
    kind: 'user',
    id: row.userId,
    organizations: row.organizations.filter((one) => MEMBER_ROLES.includes(one.role)),
    teams: row.teams,
    personalOrganizationId: row.personalOrganizationId ?? undefined,
    scopes: row.scopes,
    roles: row.roles,
    tokenId: row.tokenId,
  },
  expiresAtMs: row.expiresAt === null ? undefined : Date.parse(row.expiresAt),
});
