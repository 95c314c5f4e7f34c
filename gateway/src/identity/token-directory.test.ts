import { AppError } from '@weft/errors';
import { describe, expect, test } from 'vitest';
import { createTokenDirectory, readTokenActors, type TokenActor } from './token-directory.js';

const actor = (expiresAtMs?: number): TokenActor => ({
  actor: { kind: 'user', id: 'u' } as TokenActor['actor'],
  expiresAtMs,
});

function directory() {
  const clock = { now: 1_000 };
  const asked: string[][] = [];
  const answers: ((known: string[]) => void)[] = [];
  const ask = (hashes: readonly string[]) => {
    asked.push([...hashes]);
    return new Promise<ReadonlyMap<string, TokenActor>>((resolve) =>
      answers.push((known) => resolve(new Map(known.map((hash) => [hash, actor()])))),
    );
  };
  const turn = () => new Promise((resolve) => setTimeout(resolve, 2));
  return { clock, asked, answers, turn, tokens: createTokenDirectory(ask, () => clock.now) };
}

describe('the token directory', () => {
  test('asks once for all of one moment, and once more for all who came meanwhile', async () => {
    const { tokens, asked, answers, turn } = directory();
    const first = [tokens.lookup('a'), tokens.lookup('b'), tokens.lookup('a')];
    await turn();
    const second = [tokens.lookup('c'), tokens.lookup('d')];
    await turn();
    expect(asked).toEqual([['a', 'b']]);
    answers[0]?.(['a']);
    expect((await Promise.all(first)).map(Boolean)).toEqual([true, false, true]);
    await turn();
    expect(asked).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    answers[1]?.(['c', 'd']);
    expect((await Promise.all(second)).map(Boolean)).toEqual([true, true]);
  });

  test('remembers a valid token for 4 s and an invalid one for 1 s', async () => {
    const { tokens, asked, answers, turn, clock } = directory();
    const known = [tokens.lookup('good'), tokens.lookup('bad')];
    await turn();
    answers[0]?.(['good']);
    await Promise.all(known);
    clock.now += 999;
    await Promise.all([tokens.lookup('good'), tokens.lookup('bad')]);
    expect(asked).toHaveLength(1);
    clock.now += 1;
    void tokens.lookup('good');
    void tokens.lookup('bad');
    await turn();
    expect(asked[1]).toEqual(['bad']);
    answers[1]?.([]);
    await turn();
    clock.now += 3_000;
    void tokens.lookup('good');
    await turn();
    expect(asked[2]).toEqual(['good']);
  });

  test('a token that expires while it is remembered is no longer valid', async () => {
    let now = 1_000;
    const tokens = createTokenDirectory(
      async () => new Map([['a', actor(2_000)]]),
      () => now,
    );
    expect(await tokens.lookup('a')).toBeDefined();
    now = 2_000;
    expect(await tokens.lookup('a')).toBeUndefined();
  });

  test('a failed question is told to those who asked, and not remembered', async () => {
    let fails = true;
    const tokens = createTokenDirectory(async () => {
      if (fails) throw new AppError('SERVICE_UNAVAILABLE', 'down');
      return new Map([['a', actor()]]);
    });
    await expect(tokens.lookup('a')).rejects.toThrow('down');
    fails = false;
    expect(await tokens.lookup('a')).toBeDefined();
  });

  test('an answer that is none is an outage, not a refusal', () => {
    expect(() => readTokenActors({ errors: [{ message: 'x' }], data: null })).toThrow(AppError);
    expect(readTokenActors({ data: { tokenActors: [] } }).size).toBe(0);
  });
});
