// `generate` writes the generated files; `drift` fails with a diff when a committed one differs from the code.
import { fileURLToPath } from 'node:url';
import { findDrift, writeGenerated } from './drift.js';
import { faces } from './faces.js';
import { generatedFiles } from './generate.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

async function main(command: string | undefined): Promise<number> {
  if (command !== 'generate' && command !== 'drift') {
    console.error('Usage: supergraph generate | drift');
    return 2;
  }
  const files = await generatedFiles(root, faces);
  if (command === 'generate') {
    const written = writeGenerated(root, files);
    console.log(
      written.length === 0
        ? `all ${files.length} generated files are current`
        : `written: ${written.join(', ')}`,
    );
    return 0;
  }
  const drifts = findDrift(root, files);
  for (const { path, diff } of drifts)
    console.error(`\n${path} differs from the code (- committed, + rendered now):\n${diff}`);
  if (drifts.length > 0) console.error('\nRun `npm run generate` and commit the result.');
  else console.log(`no drift in ${files.length} generated files`);
  return drifts.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv[2]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
