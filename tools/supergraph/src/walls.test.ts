// Every wall is tried: a forbidden import is put where it is forbidden, and the linter must name the rule that refuses it.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WALLS, type Wall } from './testing/walls.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const fileOf = (wall: Wall, at: number): string =>
  join(wall.folder, `walls-probe-${at}${wall.test ? '.test' : ''}.ts`);
const probes = WALLS.map((wall, at) => ({ ...wall, file: fileOf(wall, at) }));

/** What the linters need of the workspace to know its walls; the sources themselves are not part of it. */
const SKELETON = [
  '*.json',
  '.oxlintrc.json',
  'eslint.config.js',
  '{libs,services,tools}/*/*.json',
  'gateway/*.json',
];

/** A copy of the workspace without its sources, so that no build and no other test ever meets a probe. */
function copySkeleton(): string {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'weft-walls-')));
  for (const file of SKELETON.flatMap((pattern) => globSync(pattern, { cwd: root }))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    copyFileSync(join(root, file), join(copy, file));
  }
  const modules = (...path: string[]): string => join(copy, 'node_modules', ...path);
  mkdirSync(modules('@weft'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')).filter((one) => one !== '@weft')) {
    symlinkSync(join(root, 'node_modules', name), modules(name));
  }
  // The projects themselves are those of the copy.
  for (const name of readdirSync(join(root, 'node_modules/@weft'))) {
    const project = relative(root, realpathSync(join(root, 'node_modules/@weft', name)));
    symlinkSync(join(copy, project), modules('@weft', name));
  }
  return copy;
}

/** Standard output of a linter, which ends with 1 when it has found something. */
function lint(cwd: string, program: string, args: readonly string[]): string {
  try {
    return execFileSync(join(root, 'node_modules/.bin', program), args, {
      cwd,
      env: { ...process.env, NX_WORKSPACE_ROOT_PATH: cwd, NX_WORKSPACE_DATA_DIRECTORY: join(cwd, '.nx') },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const { stdout, stderr, status } = error as { stdout: string; stderr: string; status: number };
    if (status !== 1) throw new Error(`${program} did not run:\n${stdout}${stderr}`);
    return stdout;
  }
}

describe('walls', () => {
  const found = new Map<string, Set<string>>(probes.map(({ file }) => [file, new Set()]));

  const copy = copySkeleton();
  afterAll(() => rmSync(copy, { recursive: true }));

  beforeAll(() => {
    for (const { file, source } of probes) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      writeFileSync(join(copy, file), `${source.replaceAll('SELF', file.replace(/^.*\/|\.ts$/g, ''))}\n`);
    }
    const files = probes.map(({ file }) => file);
    const fast = JSON.parse(lint(copy, 'oxlint', ['-f', 'json', ...files])) as {
      diagnostics: { code: string; filename: string }[];
    };
    for (const { code, filename } of fast.diagnostics) found.get(filename)?.add(code);
    const typed = JSON.parse(lint(copy, 'eslint', ['--format', 'json', ...files])) as {
      filePath: string;
      messages: { ruleId: string | null; message: string; severity: number }[];
    }[];
    for (const { filePath, messages } of typed) {
      for (const { ruleId, message, severity } of messages) {
        if (severity === 2) found.get(relative(copy, filePath))?.add(ruleId ?? message);
      }
    }
  }, 120_000);

  it.each(probes.filter((probe) => probe.rule !== undefined))('$wall ($folder)', ({ file, rule }) => {
    expect([...(found.get(file) ?? [])]).toContain(rule);
  });

  it.each(probes.filter((probe) => probe.rule === undefined))('$wall ($folder): let through', ({ file }) => {
    expect([...(found.get(file) ?? [])]).toEqual([]);
  });
});
