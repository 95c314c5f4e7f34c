import { z } from 'zod';

const hidden = '[secret]';

/** A value that must not be printed: logging, JSON and templates all show `[secret]`; `reveal()` gives it. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return hidden;
  }
  toJSON(): string {
    return hidden;
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return hidden;
  }
}

/** A setting that is wrapped in {@link Secret} once read. */
export const secret = () =>
  z
    .string()
    .min(1)
    .transform((value) => new Secret(value));

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration such as `250ms`, `30s`, `5m`, `7d`; read as milliseconds. */
export const durationMs = () =>
  z
    .string()
    .regex(/^\d+(ms|s|m|h|d)$/, 'is not a duration such as 250ms, 30s, 5m, 2h or 7d')
    .transform((text) => {
      const [, amount, unit] = /^(\d+)(\D+)$/.exec(text) as unknown as [string, string, string];
      return Number(amount) * (units[unit] as number);
    });

/** `1`, `true`, `on` or `0`, `false`, `off`. */
export const booleanSetting = () =>
  z
    .enum(['1', '0', 'true', 'false', 'on', 'off'], 'is not one of 1, 0, true, false, on, off')
    .transform((text) => text === '1' || text === 'true' || text === 'on');

/** A TCP port; 0 lets the system choose a free one. */
export const portSetting = () => {
  const problem = 'is not a port from 0 to 65535';
  return z.coerce.number(problem).int(problem).min(0, problem).max(65_535, problem);
};
