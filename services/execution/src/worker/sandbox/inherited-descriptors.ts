import { closeSync, readdirSync, readFileSync } from 'node:fs';

const CLOSE_ON_EXEC = 0o2000000;

/**
 * Closes what this process inherited beyond its three standard streams: a run would inherit it too. Node.js opens
 * its own descriptors close-on-exec, so every other one came from whoever started the worker.
 */
export function closeInheritedDescriptors(): number[] {
  const closed: number[] = [];
  for (const name of readDescriptors()) {
    const descriptor = Number(name);
    if (descriptor <= 2 || !isInherited(descriptor)) continue;
    closeSync(descriptor);
    closed.push(descriptor);
  }
  return closed;
}

function readDescriptors(): string[] {
  try {
    return readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
}

function isInherited(descriptor: number): boolean {
  try {
    const flags = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    return false;
  }
}
