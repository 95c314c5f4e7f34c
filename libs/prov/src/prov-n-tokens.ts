import type { AppError } from '@weft/errors';
import { malformed } from './malformed.js';
import type { Token } from './prov-n-lexer.js';

export type Tokens = ReturnType<typeof createTokens>;

/** The tokens from left to right, and what may come next. */
export function createTokens(tokens: readonly Token[]) {
  let at = 0;
  const peek = (ahead = 0): Token => tokens[Math.min(at + ahead, tokens.length - 1)] as Token;
  const isMark = (text: string, ahead = 0): boolean =>
    peek(ahead).type === 'mark' && peek(ahead).text === text;
  const take = (type: Token['type'], what: string): Token => {
    const token = peek();
    if (token.type !== type) throw unexpected(token, what);
    at += 1;
    return token;
  };
  const takeMark = (text: string): boolean => {
    const found = isMark(text);
    if (found) at += 1;
    return found;
  };
  const takeWord = (text: string): boolean => {
    const found = peek().type === 'word' && peek().text === text;
    if (found) at += 1;
    return found;
  };
  return {
    get next(): Token {
      return peek();
    },
    isMark,
    take,
    takeMark,
    takeWord,
    mark(text: string): void {
      if (!takeMark(text)) throw unexpected(peek(), `"${text}"`);
    },
    word(text: string): void {
      if (!takeWord(text)) throw unexpected(peek(), `"${text}"`);
    },
    /** The token before is a comma: something must follow it. */
    get afterComma(): boolean {
      const before = tokens[at - 1];
      return before?.type === 'mark' && before.text === ',';
    },
  };
}

export const unexpected = ({ type, text, place }: Token, what: string): AppError =>
  malformed(
    place,
    `expected ${what}, found ${type === 'end' ? 'the end of the text' : JSON.stringify(text)}`,
  );
