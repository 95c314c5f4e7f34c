// A readable line diff, so that a drift check needs no other program on the machine.

const CONTEXT = 2;

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** Longest common subsequence of the lines between the common head and tail. */
function diffMiddle(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        before[i] === after[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const removed = before[i];
    const added = after[j];
    if (removed !== undefined && removed === added) {
      lines.push({ sign: ' ', text: removed });
      i++;
      j++;
    } else if (
      removed !== undefined &&
      (added === undefined || (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))
    ) {
      lines.push({ sign: '-', text: removed });
      i++;
    } else if (added !== undefined) {
      lines.push({ sign: '+', text: added });
      j++;
    }
  }
  return lines;
}

/** Changed lines with a little context around them, at most `limit`; empty when nothing differs. */
export function lineDiff(before: string, after: string, limit = 80): string {
  if (before === after) return '';
  const old = before.split('\n');
  const now = after.split('\n');
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail))
    tail++;
  const lines: Line[] = [
    ...old.slice(Math.max(0, head - CONTEXT), head).map((text): Line => ({ sign: ' ', text })),
    ...diffMiddle(old.slice(head, old.length - tail), now.slice(head, now.length - tail)),
    ...old.slice(old.length - tail, old.length - tail + CONTEXT).map((text): Line => ({ sign: ' ', text })),
  ];
  const near = lines.filter((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some((line) => line.sign !== ' '),
  );
  const shown = near.slice(0, limit).map((line) => `${line.sign} ${line.text}`);
  if (near.length > limit) shown.push(`… ${near.length - limit} more lines differ`);
  return shown.join('\n');
}
