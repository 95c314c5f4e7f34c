// `npm run -s gateway`: the gateway alone, for any supergraph (SUPERGRAPH_FILE, PORT, GATEWAY_AUTH=off). Prints nothing of its own.
import { build, isBuilt } from './build.mjs';

const STDERR = 2;

if (!isBuilt() && !(await build(STDERR))) {
  process.stderr.write('The build failed; the gateway was not started. Run npx tsc -b to see why.\n');
  process.exit(1);
}
await import('../../gateway/dist/main.js');
