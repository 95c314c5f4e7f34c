// Programs from the system's own packages without installing anything: apt-get download and dpkg -x into the project's cache.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { isRoot } from './system-user.js';

const run = promisify(execFile);
const LIMIT_MS = 90_000;

/** The path of a file of a Debian package, fetched into the cache when it is not there yet. Throws with the reason. */
export async function fromDebianPackage(name: string, file: string, cacheDir: string): Promise<string> {
  const folder = join(cacheDir, 'debian', name);
  const wanted = join(folder, file);
  if (existsSync(wanted)) return wanted;
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}.`);
  try {
    await download(name, draft);
    const archive = readdirSync(draft).find((one) => one.endsWith('.deb'));
    if (archive === undefined) throw new Error(`apt-get download ${name} left no package`);
    await run('dpkg', ['-x', join(draft, archive), join(draft, 'root')], { timeout: LIMIT_MS });
    if (!existsSync(join(draft, 'root', file))) throw new Error(`the package ${name} has no ${file}`);
    // Another process may have been faster: its copy is as good.
    if (!existsSync(wanted)) renameSync(join(draft, 'root'), folder);
    return wanted;
  } catch (error) {
    if (existsSync(wanted)) return wanted;
    throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function download(name: string, folder: string): Promise<void> {
  try {
    await run('apt-get', ['-q', 'download', name], { cwd: folder, timeout: LIMIT_MS });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    await downloadWithOwnLists(name, folder);
  }
}

/** With the machine's package lists empty or not ours to renew: lists of our own, thrown away afterwards. */
async function downloadWithOwnLists(name: string, folder: string): Promise<void> {
  const apt = join(folder, 'apt');
  for (const part of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(apt, part), { recursive: true });
  const settings = [
    `Dir::State::Lists "${apt}/lists";`,
    `Dir::Cache "${apt}/cache";`,
    'Acquire::Languages "none";',
    'Acquire::Retries "1";',
    'Acquire::http::Timeout "10";',
    'Acquire::https::Timeout "10";',
    ...(isRoot() ? ['APT::Sandbox::User "root";', 'Dir::State::status "/dev/null";'] : []),
  ];
  const configFile = join(apt, 'apt.conf');
  writeFileSync(configFile, settings.join('\n'));
  const aptGet = (...args: string[]) =>
    run('env', [`APT_CONFIG=${configFile}`, 'apt-get', '-q', ...args], { cwd: folder, timeout: LIMIT_MS });
  await aptGet('update');
  await aptGet('download', name);
}
