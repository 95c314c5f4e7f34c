import { describe, expect, test } from 'vitest';
import { createFrameReader, type Frame } from './frames.js';
import { createLogLines, MAX_LINE_LENGTH } from './log-lines.js';
import { parseStat } from './process-tree.js';
import { ownGroups } from './cgroup-files.js';

const inPieces = (bytes: Buffer, size: number, take: (piece: Buffer) => void): void => {
  for (let from = 0; from < bytes.length; from += size) take(bytes.subarray(from, from + size));
};

describe('frames', () => {
  const read = (text: string, piece = 3, limit = 100): { frames: Frame[]; garbage: number } => {
    const frames: Frame[] = [];
    let garbage = 0;
    const reader = createFrameReader(limit, {
      frame: (frame) => frames.push(frame),
      garbage: () => (garbage += 1),
    });
    inPieces(Buffer.from(text), piece, (chunk) => reader.push(chunk));
    return { frames, garbage };
  };

  test('arrive whole, however the bytes are cut', () => {
    const text = '{"type":"ready"}\n{"type":"result","text":"\\"ü€\\"","cpuMs":3}\n';
    for (const piece of [1, 2, 7, 1_000])
      expect(read(text, piece)).toEqual({
        frames: [{ type: 'ready' }, { type: 'result', text: '"ü€"', cpuMs: 3 }],
        garbage: 0,
      });
  });

  test.each([
    'noise\n',
    '{"type":"other"}\n',
    '{"type":"progress","fraction":2,"message":null}\n',
    'x'.repeat(70_000),
  ])('anything else is garbage, once', (text) => {
    expect(read(`${text}${text}{"type":"ready"}\n`, 10_000)).toEqual({ frames: [], garbage: 1 });
  });
});

describe('log lines', () => {
  const read = (bytes: Buffer, piece: number): string[] => {
    const lines: string[] = [];
    const reader = createLogLines('stdout', (line) => lines.push(line.text));
    inPieces(bytes, piece, (chunk) => reader.push(chunk));
    reader.end();
    return lines;
  };

  test('are cut at their ends and nowhere in a character', () => {
    for (const piece of [1, 2, 3, 100])
      expect(read(Buffer.from('grüße €\r\n\nlast without end'), piece)).toEqual([
        'grüße €',
        '',
        'last without end',
      ]);
  });

  test('carry neither NUL nor broken text, and are never longer than the limit', () => {
    expect(read(Buffer.from([65, 0, 255, 66, 10]), 10)).toEqual(['A\uFFFD\uFFFDB']);
    const lines = read(Buffer.from(`${'x'.repeat(MAX_LINE_LENGTH * 2 + 5)}\nend\n`), 1_000);
    expect(lines.map((line) => line.length)).toEqual([MAX_LINE_LENGTH, MAX_LINE_LENGTH, 5, 3]);
  });
});

test('a process may have any name', () => {
  const text = '42 (a) b (c)) S 7 42 42 0 -1 0 0 0 0 0 11 22 33 44 20 0 5 0 1 2 3';
  expect(parseStat(text)).toEqual({ pid: 42, parent: 7, threads: 5, cpuMs: 1_100 });
  expect(parseStat('42 (gone) Z 7 0 0')).toBeUndefined();
  expect(parseStat('')).toBeUndefined();
});

test('the own cgroups are found in hybrid, unified and nested hierarchies', () => {
  const hybrid =
    '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n36 31 0:33 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw';
  const own = '4:memory:/jobs/x\n2:cpu,cpuacct:/\n0::/';
  expect(ownGroups(hybrid, own, () => true)).toEqual([
    { controller: 'memory', path: '/sys/fs/cgroup/memory/jobs/x' },
    { controller: 'cpu', path: '/sys/fs/cgroup/cpu,cpuacct' },
    { controller: 'cpuacct', path: '/sys/fs/cgroup/cpu,cpuacct' },
    { controller: '', path: '/sys/fs/cgroup/unified' },
  ]);
  // In a container the mount shows the container's own group as its root.
  const inside = '30 20 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup rw';
  expect(ownGroups(inside, '0::/docker/abc', () => true)).toEqual([
    { controller: '', path: '/sys/fs/cgroup' },
  ]);
});
