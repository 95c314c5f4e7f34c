import { existsSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { claimPort, renewClaim } from './port-claims.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weft-claims-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const letTwoMinutesPass = (port: number): void => {
  const then = new Date(Date.now() - 120_000);
  utimesSync(join(folder, String(port)), then, then);
};

it('gives a port to one of two that start at the same time', () => {
  expect(claimPort(20_001, folder)).toBe(true);
  expect(claimPort(20_001, folder)).toBe(false);
  expect(claimPort(20_002, folder)).toBe(true);
});

it('gives it to somebody else when it was not asked for in a while', () => {
  claimPort(20_001, folder);
  claimPort(20_002, folder);
  letTwoMinutesPass(20_001);
  letTwoMinutesPass(20_002);
  renewClaim(20_002, folder);
  expect(claimPort(20_001, folder)).toBe(true);
});

it('keeps one that was renewed', () => {
  claimPort(20_001, folder);
  letTwoMinutesPass(20_001);
  renewClaim(20_001, folder);
  expect(claimPort(20_001, folder)).toBe(false);
});

it('clears away nothing but claims, and nothing behind a link', () => {
  for (const name of ['20001', 'passwd']) {
    writeFileSync(join(folder, name), '');
    utimesSync(join(folder, name), new Date(0), new Date(0));
  }
  const link = `${folder}-link`;
  symlinkSync(folder, link);
  expect(claimPort(20_002, link)).toBe(true);
  expect(existsSync(join(folder, '20001'))).toBe(true);
  rmSync(link);
  expect(claimPort(20_002, folder)).toBe(true);
  expect([existsSync(join(folder, '20001')), existsSync(join(folder, 'passwd'))]).toEqual([false, true]);
});

it('does without where nothing can be written', () => {
  expect(claimPort(20_001, '/dev/null/ports')).toBe(true);
});
