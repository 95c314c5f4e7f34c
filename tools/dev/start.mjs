// `npm start`: builds when a source is newer than the build, then hands over to the supervisor.
import { build, isBuilt } from './build.mjs';

if (!isBuilt()) {
  process.stdout.write('Building …\n');
  if (!(await build())) {
    process.stderr.write('The build failed; nothing was started. Run npm ci, or npx tsc -b to see why.\n');
    process.exit(1);
  }
}
await import('./dist/main.js');
