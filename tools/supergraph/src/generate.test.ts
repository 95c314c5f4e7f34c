import { describe, expect, it } from 'vitest';
import { composeSupergraph } from './compose.js';
import { heardIn } from './consumers.js';
import { contractsPage, declaredEvents } from './contracts-page.js';
import { undescribed } from './described.js';
import { generatedFiles, type Faces } from './generate.js';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n';
const jobs = `${link}
"A job." type Job @key(fields: "id") { "Its id." id: ID! }
type Query { "One job." job("Which." id: ID!): Job }`;
const registry = `${link}
"A job." type Job @key(fields: "id") { "Its id." id: ID! "What it left behind." items: [String!]! }`;

const faces = (sdls: Readonly<Record<string, string>>): Faces => ({
  subgraphs: Object.entries(sdls).map(([name, sdl]) => ({
    name,
    build: () => Promise.resolve({ sdl }),
    owns: [],
  })),
  configs: [{ title: 'one', renderEnvExample: () => '# --- one ---\nONE=\n' }],
  renderLifecycleDiagram: () => 'stateDiagram-v2',
});

describe('composition', () => {
  it('joins subgraphs under URLs that are true nowhere', () => {
    const supergraph = composeSupergraph([
      { name: 'jobs', sdl: jobs },
      { name: 'registry', sdl: registry },
    ]);
    expect(supergraph).toContain('@join__graph(name: "jobs", url: "http://127.0.0.1:0/jobs")');
    expect(supergraph).toMatch(/items: \[String!\]! @join__field\(graph: REGISTRY\)/);
  });

  it('takes the description of a type and its fields from its home, and the rest from where it is', () => {
    const stub = registry.replace('A job.', 'A stub.').replace('Its id.', 'Id of the stub.');
    const subgraphs = [
      { name: 'jobs', sdl: jobs },
      { name: 'registry', sdl: stub },
    ];
    expect(() => composeSupergraph(subgraphs)).toThrow(/"Job" has inconsistent descriptions/);
    const supergraph = composeSupergraph(subgraphs, { Job: 'jobs' });
    expect(supergraph).not.toContain('stub');
    expect(undescribed(supergraph)).toEqual([]);
  });

  it('tells every composition error', () => {
    const clash = registry.replace('items: [String!]!', 'state: Nothing');
    expect(() =>
      composeSupergraph([
        { name: 'jobs', sdl: jobs },
        { name: 'registry', sdl: clash },
      ]),
    ).toThrow(/do not compose:\n.*Nothing/s);
  });
});

describe('descriptions', () => {
  it('names a type, field, argument and enum value without one, and nothing else', () => {
    const sdl = `
      type Query { job(id: ID!): Job }
      type Job { "Its id." id: ID! state: State }
      "A state." enum State { "Waits." PENDING DONE }
      "An input." input Filter { text: String }
      directive @live(after: String!) on FIELD_DEFINITION
      scalar join__FieldSet`;
    expect(undescribed(sdl)).toEqual([
      'Query.job',
      'Query.job.id',
      'Job',
      'Job.state',
      'State.DONE',
      'Filter.text',
    ]);
  });

  it('are demanded of the composed graph', async () => {
    const silent = jobs.replace('"One job." ', '');
    await expect(generatedFiles('/nowhere', faces({ jobs: silent }))).rejects.toThrow(
      /no description:\nQuery\.job$/,
    );
  });
});

describe('generated files', () => {
  it('are the SDLs, the supergraph, the settings, the lifecycle and the contracts', async () => {
    const files = await generatedFiles('/nowhere', faces({ jobs, registry }));
    expect(files.map((file) => file.path)).toEqual([
      'services/jobs/schema.graphql',
      'services/registry/schema.graphql',
      'gateway/supergraph.graphql',
      '.env.example',
      'docs/lifecycle/job.mmd',
      'docs/contracts.md',
    ]);
    expect(files[3]?.content).toContain('# --- one ---\nONE=\n');
  });

  it('are the same every time', async () => {
    const once = await generatedFiles('/nowhere', faces({ jobs, registry }));
    expect(await generatedFiles('/nowhere', faces({ jobs, registry }))).toEqual(once);
  });
});

describe('the contracts page', () => {
  it('has every declared event with its subject, payload and consumers', () => {
    const page = contractsPage(new Map([['jobChanged', ['registry', 'execution']]])).content;
    expect(declaredEvents().length).toBeGreaterThanOrEqual(4);
    for (const [, event] of declaredEvents()) expect(page).toContain(`on \`${event.filter()}\``);
    expect(page).toContain('| `job-changed` | 1 | jobs | registry, execution |');
    expect(page).toContain('| `transitions` | list of { seq, at,');
    expect(page).toContain('`weft.work.claim.<target>.<worker>`');
  });

  it('reads consumers from the sources: the events that a file with a consumer imports as values', () => {
    const events = "import { jobChanged, type JobChanged, targetChanged as heard } from '@weft/contracts';";
    expect(heardIn(`${events}\nimport { startConsumer, type Consumer } from '@weft/messaging';`)).toEqual([
      'jobChanged',
      'targetChanged',
    ]);
    expect(heardIn(events)).toEqual([]);
    expect(
      heardIn(
        `import type { jobChanged } from '@weft/contracts';\nimport { startConsumer } from '@weft/messaging';`,
      ),
    ).toEqual([]);
  });
});
