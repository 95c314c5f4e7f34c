// `npm run bench [name…] [-- --json --seconds 60 --rounds 1]`: the numbers that the platform promises, measured on this machine.
import { BENCHES } from './benches.js';
import { readOptions } from './measure/bench-options.js';
import { otherLoad } from './measure/other-load.js';
import { holds, tableOf, type BenchResult } from './measure/figures.js';

const { names, json, options } = readOptions(process.argv.slice(2));
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  process.stderr.write(
    `No such bench: ${unknown.join(', ')}. There are ${Object.keys(BENCHES).join(', ')}.\n`,
  );
  process.exit(2);
}

const results: BenchResult[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const others = (await otherLoad()).toFixed(2);
  const result = await bench(options);
  const noted = { ...result, notes: [...result.notes, `others used ${others} cores before`] };
  results.push(noted);
  if (!json) process.stdout.write(`${tableOf(noted)}\n`);
}
if (json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
// Not only `exitCode`: a service that has met no broker leaves a client behind that goes on looking for one.
process.exit(results.every((result) => result.figures.every(holds)) ? 0 : 1);
