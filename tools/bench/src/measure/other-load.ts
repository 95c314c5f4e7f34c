import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const SAMPLE_MS = 2_000;

/** How many cores' worth of work others do on this machine now: what is measured beside it is not what the machine can. */
export async function otherLoad(): Promise<number> {
  const before = times();
  await sleep(SAMPLE_MS);
  const after = times();
  const busy = after.busy - before.busy;
  return (busy / (busy + after.idle - before.idle)) * cpus().length;
}

function times(): { busy: number; idle: number } {
  const [, user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = (
    readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? ''
  )
    .split(/ +/)
    .map(Number);
  return { busy: user + nice + system + irq + soft + steal, idle: idle + wait };
}
