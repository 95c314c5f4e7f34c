// What a bench has to say: figures, and the bounds that they are held against.

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Absent: the figure only informs. */
  readonly bound?: Bound;
}

export type Bound = { readonly atMost: number } | { readonly atLeast: number };

export interface BenchResult {
  readonly bench: string;
  readonly figures: readonly Figure[];
  /** What one must know to read the figures. */
  readonly notes: readonly string[];
}

export const holds = ({ value, bound }: Figure): boolean => {
  if (bound === undefined) return true;
  return 'atMost' in bound ? value <= bound.atMost : value >= bound.atLeast;
};

const shown = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 10 ? 2 : 1);

const boundOf = ({ bound, unit }: Figure): string => {
  if (bound === undefined) return '';
  return 'atMost' in bound ? `≤ ${bound.atMost} ${unit}` : `≥ ${bound.atLeast} ${unit}`;
};

/** A table for people. */
export function tableOf({ bench, figures, notes }: BenchResult): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${shown(figure.value)} ${figure.unit}`.trim(),
    boundOf(figure).trim(),
    figure.bound === undefined ? '' : holds(figure) ? 'ok' : 'short',
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    `  ${row[0]?.padEnd(widths[0] ?? 0)}  ${row[1]?.padStart(widths[1] ?? 0)}  ${row[2]?.padEnd(widths[2] ?? 0)}  ${row[3]}`.trimEnd(),
  );
  return [bench, ...lines, ...notes.map((note) => `  - ${note}`), ''].join('\n');
}
