// Run by npm after `npm ci`: builds, and fetches the two programs that no npm package brings, so that the first
// `npm start` is quick and may be offline. It says what will be missing and never fails the installation.
import { join } from 'node:path';
import { build, isBuilt, repo } from './build.mjs';

const say = (text) => process.stdout.write(`weft: ${text}\n`);

try {
  if (!isBuilt() && !(await build())) {
    say('not built (TypeScript is missing or found errors); npm start will try again');
  } else {
    const { findBubblewrap, findNatsServer } = await import('../../libs/embedded/dist/index.js');
    const cache = join(repo, '.cache');
    for (const found of await Promise.allSettled([findNatsServer(cache), findBubblewrap(cache)])) {
      if (found.status === 'rejected') say(found.reason.message);
    }
  }
} catch (error) {
  say(`preparation did not finish (${error.message}); npm start will try again`);
}
