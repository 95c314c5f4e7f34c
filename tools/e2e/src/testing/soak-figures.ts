// What the soak looks at while it runs: the memory of each process and the dead rows of the hot tables.
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { RunFile } from './weft.js';

const HOT = ['queue_entry', 'attempt', 'job', 'job_item', 'outbox', 'claim_round', 'open_job'];
const MB = 1_024;

export interface Series {
  readonly what: string;
  readonly unit: string;
  readonly points: { readonly minute: number; readonly value: number }[];
}

export interface Figures {
  sample(): Promise<void>;
  series(): Series[];
}

/** @param now minutes since the load began. */
export function watchFigures(
  run: () => RunFile,
  database: () => Promise<pg.Client>,
  now: () => number,
): Figures {
  const all = new Map<string, Series>();
  const note = (what: string, unit: string, value: number): void => {
    const series = all.get(what) ?? { what, unit, points: [] };
    series.points.push({ minute: now(), value });
    all.set(what, series);
  };
  return {
    async sample() {
      for (const [name, pid] of Object.entries(pidsOf(run()))) {
        const rss = residentMb(pid);
        // A process that was killed is another series: its successor starts anew.
        if (rss !== undefined) note(`${name} (${pid})`, 'MB', rss);
      }
      const client = await database();
      try {
        const { rows } = await client.query<{ name: string; dead: number }>(
          `select relname as name, n_dead_tup::int as dead from pg_stat_user_tables where relname = any($1)`,
          [HOT],
        );
        for (const { name, dead } of rows) note(name, 'dead rows', dead);
      } finally {
        await client.end();
      }
    },
    series: () => [...all.values()],
  };
}

export const pidsOf = (run: RunFile): Record<string, number> =>
  Object.fromEntries(
    [
      ['gateway', run.gateway.pid] as const,
      ...Object.entries(run.subgraphs).map(([name, { pid }]) => [name, pid] as const),
      ...run.workers.map(({ id, pid }) => [id, pid] as const),
      ['nats', run.nats.pid] as const,
      ['postgres', run.postgres.pid] as const,
    ].flatMap(([name, pid]) => (pid === null ? [] : [[name, pid] as const])),
  );

function residentMb(pid: number): number | undefined {
  try {
    const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kb === undefined ? undefined : Number(kb) / MB;
  } catch {
    return undefined;
  }
}

export interface Trend {
  readonly what: string;
  readonly unit: string;
  readonly samples: number;
  /** Medians of the first and the last quarter. */
  readonly from: number;
  readonly to: number;
  /** By least squares. */
  readonly perMinute: number;
}

/** How each series went between these minutes; those that do not span them are left out. */
export function trendsOf(series: readonly Series[], from: number, to: number): Trend[] {
  return series.flatMap(({ what, unit, points }) => {
    const within = points.filter(({ minute }) => minute >= from && minute <= to);
    const quarter = Math.floor(within.length / 4);
    const span = (within.at(-1)?.minute ?? 0) - (within[0]?.minute ?? 0);
    if (quarter < 2 || span < (to - from) * 0.8) return [];
    const values = within.map(({ value }) => value);
    return [
      {
        what,
        unit,
        samples: within.length,
        from: median(values.slice(0, quarter)),
        to: median(values.slice(-quarter)),
        perMinute: slope(within),
      },
    ];
  });
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function slope(points: readonly { readonly minute: number; readonly value: number }[]): number {
  const mean = (pick: (point: (typeof points)[number]) => number): number =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [x, y] = [mean(({ minute }) => minute), mean(({ value }) => value)];
  const spread = points.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0);
  const along = points.reduce((sum, { minute, value }) => sum + (minute - x) * (value - y), 0);
  return spread === 0 ? 0 : along / spread;
}
