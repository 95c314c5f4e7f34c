import { AppError } from '@weft/errors';
import type { z } from 'zod';

/** One environment variable: how it is read, its default (as text) and what it is for. */
export interface Setting<T> {
  readonly schema: z.ZodType<T, unknown>;
  /** Absent: the variable is required. `null`: optional, `undefined` when not set. Secrets have no default. */
  readonly default?: string | null;
  readonly description: string;
}

type Settings = Record<string, Setting<unknown>>;
type Values<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

export interface ConfigDefinition<S extends Settings> {
  readonly title: string;
  readonly settings: S;
  /** Reads and checks all settings at once; throws CONFIG_INVALID naming every variable that is missing or wrong. */
  read(env: Readonly<Record<string, string | undefined>>): Values<S>;
  /** The block of `.env.example` for these settings. */
  renderEnvExample(): string;
}

/** Declares the settings of one process as data. `process.env` itself is read in `main.ts` only. */
export function defineConfig<S extends Settings>(title: string, settings: S): ConfigDefinition<S> {
  return {
    title,
    settings,
    read(env) {
      const problems: string[] = [];
      const values: Record<string, unknown> = {};
      for (const [name, setting] of Object.entries(settings)) {
        const raw = env[name] === undefined || env[name] === '' ? (setting.default ?? undefined) : env[name];
        if (raw === undefined) {
          if (setting.default === undefined) problems.push(`${name} is required: ${setting.description}`);
          continue;
        }
        const parsed = setting.schema.safeParse(raw);
        if (parsed.success) values[name] = parsed.data;
        else
          problems.push(
            `${name} ${parsed.error.issues.map((issue) => issue.message).join('; ')} (${setting.description})`,
          );
      }
      if (problems.length > 0) {
        throw new AppError('CONFIG_INVALID', `${title}: ${problems.join(' | ')}`, { problems });
      }
      return Object.freeze(values) as Values<S>;
    },
    renderEnvExample() {
      const lines = [`# --- ${title} ---`];
      for (const [name, setting] of Object.entries(settings)) {
        lines.push(`# ${setting.description}${setting.default === undefined ? ' (required)' : ''}`);
        lines.push(setting.default === undefined ? `${name}=` : `# ${name}=${setting.default ?? ''}`);
      }
      return `${lines.join('\n')}\n`;
    },
  };
}
