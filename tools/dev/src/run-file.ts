import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '@weft/embedded';

export interface Address {
  readonly url: string;
  readonly port: number;
  /** Null while it is down, or when the server is not ours. */
  readonly pid: number | null;
}

/** `<data>/run.json`: where every part of the running system is (docs/processes.md). It holds no credentials. */
export interface RunFile {
  readonly version: 1;
  readonly startedAt: string;
  readonly data: string;
  readonly url: string;
  readonly gateway: Address;
  readonly subgraphs: Readonly<Record<string, Address>>;
  readonly workers: readonly {
    readonly id: string;
    readonly pid: number | null;
    readonly targets: readonly string[];
  }[];
  readonly nats: Address;
  readonly postgres: Address & { readonly cluster: string | null };
  readonly supervisor: { readonly pid: number };
}

const fileOf = (dataDir: string): string => join(dataDir, 'run.json');

export const writeRunFile = (dataDir: string, content: RunFile): void =>
  writeAtomically(fileOf(dataDir), `${JSON.stringify(content, undefined, 2)}\n`, 0o600);

export const removeRunFile = (dataDir: string): void => rmSync(fileOf(dataDir), { force: true });

export function readRunFile(dataDir: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
}
