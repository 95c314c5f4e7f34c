// Whether the checkout is built, told in milliseconds, and the build itself. Plain JavaScript: it runs before anything is built.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repo = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const stampFile = join(repo, '.cache', 'build.json');

/** The projects of the root tsconfig.json. */
function projects() {
  const { references } = JSON.parse(readFileSync(join(repo, 'tsconfig.json'), 'utf8'));
  return references.map(({ path }) => join(repo, path));
}

/** Number of sources and the newest change among them: what a build was made from. */
function fingerprint() {
  let count = 0;
  let newest = 0;
  const look = (file) => {
    count++;
    newest = Math.max(newest, statSync(file).mtimeMs);
  };
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts')) look(path);
    }
  };
  for (const name of ['tsconfig.base.json', 'tsconfig.json', 'package-lock.json']) look(join(repo, name));
  for (const project of projects()) {
    look(join(project, 'tsconfig.json'));
    walk(join(project, 'src'));
  }
  return { count, newest };
}

export function isBuilt() {
  if (!projects().every((project) => existsSync(join(project, 'dist', 'index.js')))) return false;
  try {
    const stamp = JSON.parse(readFileSync(stampFile, 'utf8'));
    const now = fingerprint();
    return stamp.count === now.count && stamp.newest === now.newest;
  } catch {
    return false;
  }
}

/** Compiles what changed; resolves with whether it succeeded. */
export async function build(output = 'inherit') {
  const made = fingerprint();
  const compiler = join(repo, 'node_modules', 'typescript', 'lib', 'tsc.js');
  if (!existsSync(compiler)) return false;
  const child = spawn(process.execPath, [compiler, '-b'], {
    cwd: repo,
    stdio: ['ignore', output, 'inherit'],
  });
  const code = await new Promise((done) => {
    child.once('exit', done);
    child.once('error', () => done(1));
  });
  if (code !== 0) return false;
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, JSON.stringify(made));
  return true;
}
