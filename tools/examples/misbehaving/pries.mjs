import { readdirSync, readFileSync, statSync } from 'node:fs';

const PRIVATE_PLACES = ['/etc/shadow', '/etc/hosts', '/root', '/home', '/var', '/run', '/sys', '/.weft'];

/** Tries to read what is not its business: `params.paths`. Succeeds with what it could read, fails when that is nothing. */
export function run(data, params) {
  const read = {};
  const refused = [];
  for (const path of params?.paths ?? PRIVATE_PLACES) {
    try {
      read[path] = statSync(path).isDirectory()
        ? readdirSync(path)
        : readFileSync(path, 'latin1').slice(0, 1_000);
    } catch (error) {
      refused.push(`${path}: ${error.code}`);
    }
  }
  console.log(refused.join('\n'));
  if (Object.keys(read).length === 0) throw new Error(`nothing could be read: ${refused.join(', ')}`);
  return { read };
}
