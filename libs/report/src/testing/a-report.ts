import type { Input, Output, Report, Run, TeamMember, Thing } from '../report.js';

const thing = (name: string): Thing => {
  const pid = `ark:/99999/${name.replaceAll(/[^a-z0-9]/gi, '').toLowerCase()}`;
  return { name, pid, url: `https://weft.test/${pid}` };
};

export const anInput = (name: string, facts: Partial<Input> = {}): Input => ({
  ...thing(name),
  kind: 'DATASET',
  description: `What ${name} is`,
  usedBy: ['Run 1'],
  ...facts,
});

export const anOutput = (name: string, facts: Partial<Output> = {}): Output => ({
  ...thing(name),
  kind: 'DATASET',
  description: `What ${name} is`,
  generatedBy: ['Run 1'],
  ...facts,
});

export const aMember = (name: string, facts: Partial<TeamMember> = {}): TeamMember => ({
  ...thing(name),
  kind: 'PERSON',
  roles: ['Modeller'],
  ...facts,
});

export const aRun = (name: string, facts: Partial<Run> = {}): Run => ({
  ...thing(name),
  description: `What ${name} did`,
  start: '2026-11-20T08:00:00+10:00',
  end: '2026-11-20T09:30:00+10:00',
  model: thing('Reef model'),
  template: thing('Reef template'),
  modeller: thing('Ada'),
  organisation: thing('Institute'),
  status: 'SUCCEEDED',
  annotations: [{ name: 'season', value: 'wet' }],
  ...facts,
});

export const aReport = (facts: Partial<Report> = {}): Report => ({
  title: 'Report of the reef study',
  subject: { ...thing('Reef study'), kind: 'STUDY', description: 'How reefs recover.' },
  generatedAt: '2026-11-21T09:14:03+10:00',
  generatedFor: 'Ada',
  depth: 2,
  team: [aMember('Ada'), aMember('Institute', { kind: 'ORGANISATION', roles: ['Association'] })],
  inputs: [
    anInput('Bathymetry', { licence: 'CC-BY-4.0', version: '3' }),
    anInput('Reef model', { kind: 'MODEL' }),
  ],
  runs: [aRun('Run 1')],
  outputs: [anOutput('Recovery')],
  notes: [],
  truncated: { team: false, inputs: false, runs: false, outputs: false },
  ...facts,
});

/** Every text of the report made by `turn`: what one person typed may stand anywhere. */
export function withTexts(report: Report, turn: (text: string) => string): Report {
  const kept = new Set(['kind', 'start', 'end', 'generatedAt', 'url']);
  const turned = JSON.stringify(report, (key, value: unknown) =>
    typeof value === 'string' && !kept.has(key) ? turn(value) : value,
  );
  return JSON.parse(turned) as Report;
}

/** So many rows, a quarter in each table; names are listed as often as there are rows. */
export const aLargeReport = (rows: number): Report => {
  const many = Array.from({ length: rows / 4 }, (_, at) => `${at} of many`);
  return aReport({
    team: many.map((name) => aMember(`Member ${name}`)),
    inputs: many.map((name) => anInput(`Input ${name}`, { usedBy: many })),
    runs: many.map((name) => aRun(`Run ${name}`)),
    outputs: many.map((name) => anOutput(`Output ${name}`)),
  });
};
