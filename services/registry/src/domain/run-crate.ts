// A run that has ended as a Workflow-Run RO-Crate, and a workflow of jobs. Pure.
import {
  roCrate,
  type CrateAction,
  type CrateAgent,
  type CrateFile,
  type CrateSoftware,
  type CrateStep,
  type RoCrate,
} from '@weft/lineage-formats';
import {
  belongingsOf,
  codeFileOf,
  dataOf,
  keyOf,
  logKeyOf,
  type Belonging,
  type Held,
  type Holding,
} from './crate-content.js';
import { iriOfId, VOCABULARY } from './node-iri.js';
import type { Outcome } from './node.js';
import {
  codeOf,
  inputsOf,
  iriOf,
  outcomeOf,
  runnerOf,
  templateOf,
  timesOf,
  type RunPart,
  type RunStory,
  type WorkflowStory,
} from './run-story.js';

/** A file that belongs into a crate, and as what it is stored. */
export interface StoredFile extends CrateFile {
  readonly artifactId: string;
}

export interface RunCrate {
  readonly metadata: RoCrate['metadata'];
  readonly files: readonly StoredFile[];
}

/** Common to all crates of one request. */
export interface CrateTerms {
  readonly pidBase: string;
  /** In words, or the IRI of one. */
  readonly licence: string | null;
}

/** A crate that others pack: its files are those that are stored, each under its id. */
export function listedCrate(story: RunStory, terms: CrateTerms): RunCrate {
  const stored = new Map<string, string>();
  const holding = new Map<string, Held>();
  for (const { key, source, folder, sha256 } of belongingsOf(story)) {
    if (source.from !== 'ARTIFACT') continue;
    const path = `${folder}/${source.artifactId}`;
    stored.set(path, source.artifactId);
    holding.set(key, { path, ...(sha256 && { sha256 }) });
  }
  const { metadata, files } = crateOfRun(story, terms, holding);
  return {
    metadata,
    files: files.flatMap((file) => {
      const artifactId = stored.get(file.path);
      return artifactId === undefined ? [] : [{ ...file, artifactId }];
    }),
  };
}

const NO_LICENCE = 'No licence is known; ask who ran it.';

/** A Process Run Crate. */
export const crateOfRun = (story: RunStory, terms: CrateTerms, holding: Holding): RoCrate => {
  const { activity } = story;
  return roCrate({
    name: activity.name,
    description: `The run ${activity.facts.jobId ?? activity.id}: what it used, what it made and who ran it.`,
    publishedAt: activity.createdAt,
    license: licenceOf(terms.licence),
    action: actionOf(story, terms.pidBase, holding),
    traces: tracesOf(story, holding),
  });
};

function actionOf(story: RunStory, pidBase: string, holding: Holding): CrateAction {
  const { activity, made } = story;
  const { startedAt, endedAt } = timesOf(activity);
  const { errorCode } = activity.facts;
  const [agent, template] = [agentOf(story, pidBase), templateOf(story)];
  return {
    id: iriOf(activity, pidBase),
    name: activity.name,
    ...(template && { description: `It followed ${template.name} (${iriOf(template, pidBase)}).` }),
    state: outcomeOf(activity),
    instrument: softwareOf(story, pidBase, holding),
    objects: inputsOf(story).map((part) => dataOf(part, pidBase, holding)),
    results: made.map((part) => dataOf(part, pidBase, holding)),
    ...(startedAt === undefined ? {} : { startedAt: new Date(startedAt) }),
    ...(endedAt === undefined ? {} : { endedAt: new Date(endedAt) }),
    ...(agent === undefined ? {} : { agent }),
    ...(errorCode === undefined ? {} : { error: errorCode }),
  };
}

function agentOf(story: RunStory, pidBase: string): CrateAgent | undefined {
  const runner = runnerOf(story);
  return runner && { id: iriOf(runner, pidBase), kind: 'PERSON', name: runner.name };
}

function softwareOf(story: RunStory, pidBase: string, holding: Holding): CrateSoftware {
  const { activity } = story;
  const code = codeOf(story);
  if (code === undefined) return { id: `${iriOf(activity, pidBase)}#software`, name: activity.name };
  const file = heldFile(holding, codeFileOf(story)?.key ?? '');
  return { id: iriOf(code, pidBase), name: code.name, ...(file && { code: file }) };
}

const heldFile = (holding: Holding, key: string): CrateFile | undefined => {
  const held = holding.get(key);
  return held === undefined || 'missing' in held ? undefined : held;
};

function tracesOf({ activity }: RunStory, holding: Holding): CrateFile[] {
  const log = heldFile(holding, logKeyOf(activity));
  return log === undefined ? [] : [{ ...log, name: `Log of ${activity.name}` }];
}

export const WORKFLOW_FILE = 'workflow.json';

/** What belongs to a workflow, each once: what a step made and a later one used lies where it was made. */
export function belongingsOfWorkflow({ steps }: WorkflowStory): Belonging[] {
  const all = steps.flatMap((step, at) => belongingsOf(step, `steps/${at + 1}/`));
  const isResult = ({ folder }: Belonging): boolean => folder.endsWith('/results');
  const found = new Map<string, Belonging>();
  for (const one of [...all.filter(isResult), ...all]) if (!found.has(one.key)) found.set(one.key, one);
  return [...found.values()];
}

/** The workflow as it was run, for programs: its steps, what each needed and which code it ran. */
export function workflowFile({ workflowId, steps }: WorkflowStory, pidBase: string): string {
  const places = new Map(steps.map(({ activity }, at) => [activity.key, at + 1]));
  const told = steps.map((step, at) => {
    const code = codeOf(step);
    return {
      position: at + 1,
      name: step.activity.name,
      job: step.activity.facts.jobId,
      needs: step.needs.flatMap(({ key }) => places.get(key) ?? []).sort((one, other) => one - other),
      ...(code && { code: { id: iriOf(code, pidBase), name: code.name, sha256: code.facts.sha256 } }),
    };
  });
  return `${JSON.stringify({ workflow: workflowId, steps: told }, null, 2)}\n`;
}

/** A Provenance Run Crate. @param file the one that describes the workflow. */
export function crateOfWorkflow(
  story: WorkflowStory,
  { pidBase, licence }: CrateTerms,
  holding: Holding,
  file: CrateFile,
): RoCrate {
  const { workflowId, steps } = story;
  const name = `Workflow ${workflowId}`;
  const actions = steps.map((step) => actionOf(step, pidBase, holding));
  const [first] = steps;
  const agent = first && agentOf(first, pidBase);
  return roCrate({
    name,
    description: `The run of a workflow of ${steps.length} steps: what each used, what it made and who ran it.`,
    publishedAt: latest(steps.map(({ activity }) => activity.createdAt)) ?? new Date(0),
    license: licenceOf(licence),
    action: {
      id: iriOfId(workflowId),
      name,
      state: stateOf(steps.map(({ activity }) => outcomeOf(activity))),
      instrument: WEFT,
      ...boundaryOf(steps, pidBase, holding),
      ...between(actions),
      ...(agent && { agent }),
    },
    workflow: {
      name,
      description: 'The steps that have ended, what each needed and which code it ran.',
      file,
      language: { id: `${VOCABULARY}Workflow`, name: 'Weft workflow' },
      engine: WEFT,
      steps: steps.map((step, at): CrateStep => ({
        id: `step-${at + 1}`,
        name: step.activity.name,
        action: actions[at] as CrateAction,
      })),
    },
    traces: steps.flatMap((step) => tracesOf(step, holding)),
  });
}

const WEFT: CrateSoftware = { id: 'urn:weft:jobs', name: 'Weft' };

/** What came into the workflow from outside, and what it made that no step of it used. */
function boundaryOf(steps: readonly RunStory[], pidBase: string, holding: Holding) {
  const once = (parts: readonly RunPart[], passedOn: readonly RunPart[]) => {
    const inside = new Set(passedOn.map(identityOf));
    const outside = new Map(parts.map((part) => [identityOf(part), part]));
    return [...outside].flatMap(([id, part]) =>
      // As of the workflow it has no slot, for it may have gone into several.
      inside.has(id) ? [] : [dataOf({ ...part, role: '' }, pidBase, holding)],
    );
  };
  const used = steps.flatMap(inputsOf);
  const made = steps.flatMap((step) => step.made);
  return { objects: once(used, made), results: once(made, used) };
}

const identityOf = ({ node }: RunPart): string => keyOf(node) ?? node.id;

function stateOf(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('FAILED')) return 'FAILED';
  return outcomes.includes('CANCELLED') ? 'CANCELLED' : 'SUCCEEDED';
}

function between(actions: readonly CrateAction[]): Pick<CrateAction, 'startedAt' | 'endedAt'> {
  const startedAt = latest(
    actions.flatMap(({ startedAt: at }) => at ?? []),
    -1,
  );
  const endedAt = latest(actions.flatMap(({ endedAt: at }) => at ?? []));
  return { ...(startedAt && { startedAt }), ...(endedAt && { endedAt }) };
}

/** @param sign -1: the earliest. */
const latest = (times: readonly Date[], sign: 1 | -1 = 1): Date | undefined =>
  [...times].sort((one, other) => sign * (other.getTime() - one.getTime()))[0];

const licenceOf = (licence: string | null) =>
  licence !== null && /^https?:\/\/\S+$/.test(licence)
    ? { iri: licence, name: licence }
    : (licence ?? NO_LICENCE);
