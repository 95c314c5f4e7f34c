import { StringDecoder } from 'node:string_decoder';
import type { MaskedStream } from './mask.js';
import type { LogLine } from './run-spec.js';

/** Longer lines are cut, so that one line without end cannot hold the memory of the worker. */
export const MAX_LINE_LENGTH = 8_192;

export interface LogLines {
  push(chunk: Buffer): void;
  /** Tells the last line even if nothing ended it. */
  end(): void;
}

/** Cuts one output stream into lines of valid text; NUL, which PostgreSQL cannot store, becomes U+FFFD. */
export function createLogLines(
  stream: LogLine['stream'],
  tell: (line: LogLine) => void,
  masked?: MaskedStream,
): LogLines {
  const decoder = new StringDecoder('utf8');
  let rest = '';

  const emit = (text: string): void => {
    const clean = text.endsWith('\r') ? text.slice(0, -1) : text;
    tell({ stream, text: clean.replaceAll('\0', '\uFFFD'), at: new Date() });
  };

  const drain = (): void => {
    let from = 0;
    for (;;) {
      const end = rest.indexOf('\n', from);
      if (end === -1 || end - from > MAX_LINE_LENGTH) {
        if (rest.length - from <= MAX_LINE_LENGTH) break;
        emit(rest.slice(from, from + MAX_LINE_LENGTH));
        from += MAX_LINE_LENGTH;
        continue;
      }
      emit(rest.slice(from, end));
      from = end + 1;
    }
    rest = rest.slice(from);
  };

  return {
    push(chunk) {
      const text = decoder.write(chunk);
      rest += masked === undefined ? text : masked.push(text);
      drain();
    },
    end() {
      const text = decoder.end();
      rest += masked === undefined ? text : masked.push(text) + masked.end();
      drain();
      if (rest !== '') emit(rest);
      rest = '';
    },
  };
}
