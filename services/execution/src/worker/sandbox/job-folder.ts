import { chownSync, constants, copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive } from './cgroup-files.js';
import type { RunSpec } from './run-spec.js';

/** The read-only folder that a run sees as /job: harness, code, inputs. One per run, owned by the user of the run. */
const HARNESS = fileURLToPath(new URL('../../../harness/', import.meta.url));
const FOLDER_PREFIX = 'run-';
const LEFTOVER = /^(?:run|in)-(\d+)-/;
const PASSWD = 'job:x:65534:65534:job:/work:/bin/sh\n';

export interface JobFolder {
  readonly path: string;
  remove(): void;
}

export function createJobFolder(
  parent: string,
  name: string,
  spec: RunSpec,
  owner: number | undefined,
): JobFolder {
  const path = join(parent, `${FOLDER_PREFIX}${process.pid}-${name}`);
  mkdirSync(path, { mode: 0o700 });
  const put = (file: string, content: string | Buffer): void => {
    writeFileSync(join(path, file), content, { mode: 0o400 });
  };
  const { harness, code } = filesOf(spec);
  copyFileSync(join(HARNESS, harness), join(path, harness));
  if (code !== undefined) put(code.name, code.content);
  for (const [name, input] of Object.entries({ data: spec.data, params: spec.params })) {
    if ('file' in input) copyFileSync(input.file, join(path, name), constants.COPYFILE_FICLONE);
    else put(name, input.content);
  }
  put('passwd', PASSWD);
  put(
    'context.json',
    JSON.stringify({
      ...spec.context,
      dataForm: spec.data.form,
      paramsForm: spec.params.form,
      resultBytes: spec.limits.resultBytes,
    }),
  );
  if (owner !== undefined) {
    for (const file of readdirSync(path)) chownSync(join(path, file), owner, owner);
    chownSync(path, owner, owner);
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

interface Files {
  readonly harness: string;
  readonly code?: { readonly name: string; readonly content: string | Buffer };
}

/** A command itself is not among them: its secrets never lie on a disk. */
function filesOf(spec: RunSpec): Files {
  if ('program' in spec) {
    const { file } = spec.program;
    return {
      harness: 'run-command.mjs',
      ...(file === null ? {} : { code: { name: 'code', content: file.content } }),
    };
  }
  return spec.runtime === 'PYTHON'
    ? { harness: 'run.py', code: { name: 'service.py', content: spec.code } }
    : { harness: 'run.mjs', code: { name: 'service.js', content: spec.code } };
}

/** What workers that no longer live have left: folders of runs, and inputs (input-source.ts). */
export function removeLeftoverFolders(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = LEFTOVER.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner)))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
}
