import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, writeAtomically } from '@weft/embedded';

/** A port for each name: the one of the last run when it is still free. Remembered in <data>/ports.json. */
export async function choosePorts<Name extends string>(
  dataDir: string,
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const file = join(dataDir, 'ports.json');
  const known = readPorts(file);
  const ports: Record<string, number> = {};
  for (const name of names) ports[name] = await freePort(known[name], new Set(Object.values(ports)));
  rememberPorts(dataDir, ports);
  return ports as Record<Name, number>;
}

/** Adds to what is remembered. */
export function rememberPorts(dataDir: string, ports: Readonly<Record<string, number>>): void {
  const file = join(dataDir, 'ports.json');
  writeAtomically(file, `${JSON.stringify({ ...readPorts(file), ...ports })}\n`, 0o600);
}

export function readPorts(file: string): Record<string, number | undefined> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  } catch {
    return {};
  }
}
