import { describe, expect, it } from 'vitest';
import {
  effectiveScopes,
  grantToken,
  TOKEN_SCOPES,
  type TokenGrant,
  type TokenWish,
} from './personal-token.js';

const now = new Date('2026-01-01T00:00:00Z');
const later = (hours: number): Date => new Date(now.getTime() + hours * 3_600_000);
const wish = (more: Partial<TokenWish> = {}): TokenWish => ({
  name: 'laptop',
  scopes: ['read'],
  expiresAt: null,
  ...more,
});
const all: TokenGrant = { scopes: TOKEN_SCOPES, until: null };

const refusals = (given: TokenWish, grant: TokenGrant): string[] => {
  const outcome = grantToken(given, grant, now, 'input');
  return outcome.ok ? [] : outcome.errors.map((error) => `${error.code} ${error.path.join('.')}`);
};

describe('a token wish', () => {
  it('is granted within the grant, its scopes in order and once each', () => {
    expect(grantToken(wish({ scopes: ['write', 'read', 'read'], expiresAt: later(1) }), all, now)).toEqual({
      ok: true,
      value: { scopes: ['read', 'write'], expiresAt: later(1) },
    });
  });

  it('ends with the grant when it names no end', () => {
    expect(grantToken(wish(), { ...all, until: later(2) }, now)).toMatchObject({
      value: { expiresAt: later(2) },
    });
    expect(grantToken(wish(), all, now)).toMatchObject({ value: { expiresAt: null } });
  });

  it('is refused for everything that is wrong with it at once', () => {
    expect(refusals(wish({ name: '', scopes: ['root'], expiresAt: now }), all)).toEqual([
      'BAD_USER_INPUT input.name',
      'BAD_USER_INPUT input.scopes',
      'BAD_USER_INPUT input.expiresAt',
    ]);
    expect(refusals(wish({ scopes: [] }), all)).toEqual(['BAD_USER_INPUT input.scopes']);
    expect(refusals(wish({ expiresAt: new Date(Number.NaN) }), all)).toEqual([
      'BAD_USER_INPUT input.expiresAt',
    ]);
  });

  it('gets no more than the grant: neither scope nor time', () => {
    expect(refusals(wish({ scopes: ['read', 'admin'] }), { scopes: ['read', 'write'], until: null })).toEqual(
      ['FORBIDDEN input.scopes'],
    );
    expect(refusals(wish({ expiresAt: later(3) }), { ...all, until: later(2) })).toEqual([
      'FORBIDDEN input.expiresAt',
    ]);
    expect(refusals(wish({ expiresAt: later(2) }), { ...all, until: later(2) })).toEqual([]);
  });
});

describe('scopes', () => {
  it('include those before them; unknown ones are nothing', () => {
    expect(effectiveScopes(['admin'])).toEqual(['read', 'write', 'admin']);
    expect(effectiveScopes(['write'])).toEqual(['read', 'write']);
    expect(effectiveScopes(['other', 'read'])).toEqual(['read']);
    expect(effectiveScopes(['other'])).toEqual([]);
  });
});
