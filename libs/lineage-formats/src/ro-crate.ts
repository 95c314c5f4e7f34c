// A run as a Workflow-Run RO-Crate (https://www.researchobject.org/workflow-run-crate/, 0.5; RO-Crate 1.1): Process Run Crate
// for what ran, Workflow Run Crate where a workflow describes it, Provenance Run Crate where its steps are told.
import { CrateGraph, oneOrMore, type Entity, type Reference } from './crate-graph.js';
import type { CrateAction, CrateAgent, CrateData, CrateFile, CrateReference } from './crate-model.js';
import type { CrateRun, CrateSoftware, CrateWorkflow } from './crate-model.js';

export interface RoCrate {
  /** The content of `ro-crate-metadata.json`. */
  readonly metadata: { readonly '@context': readonly string[]; readonly '@graph': readonly Entity[] };
  /** What else belongs into the crate, each under its path, once. */
  readonly files: readonly CrateFile[];
}

export const METADATA_FILE = 'ro-crate-metadata.json';
const RESERVED = [METADATA_FILE, 'ro-crate-preview.html'];

const CONTEXT = ['https://w3id.org/ro/crate/1.1/context', 'https://w3id.org/ro/terms/workflow-run/context'];
const WORKFLOW_CRATE = 'https://w3id.org/workflowhub/workflow-ro-crate/1.0';
const PARAMETER = 'https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE';

/** @throws RangeError where the path of a file leads out of the crate, or two files have one. */
export function roCrate(run: CrateRun): RoCrate {
  const { workflow } = run;
  const crate = new CrateWriter();
  const steps = workflow?.steps ?? [];
  const main = workflow === undefined ? undefined : crate.workflow(workflow);
  const agent = run.action.agent && crate.agent(run.action.agent);
  const action = crate.action(run.action, main);
  const controls = steps.map((step, at) => {
    const tool = crate.software(step.action.instrument);
    const stepRef = crate.graph.add({
      '@id': local(step.id),
      '@type': 'HowToStep',
      name: step.name,
      position: String(at),
      workExample: tool,
    });
    if (main !== undefined) crate.graph.add({ ...main, '@type': 'HowTo', hasPart: tool, step: stepRef });
    const done = crate.action(step.action, undefined);
    return crate.mention({
      '@id': `${done['@id']}-control`,
      '@type': 'ControlAction',
      name: `Orchestrate ${step.name}`,
      instrument: stepRef,
      object: done,
    });
  });
  if (workflow?.engine !== undefined && controls.length > 0)
    crate.mention({
      '@id': `${action['@id']}-organize`,
      '@type': 'OrganizeAction',
      name: `Run of ${workflow.engine.name}`,
      instrument: crate.software(workflow.engine),
      agent,
      object: oneOrMore(controls),
      result: action,
      startTime: run.action.startedAt?.toISOString(),
      endTime: run.action.endedAt?.toISOString(),
    });
  for (const trace of run.traces ?? []) crate.file(trace, { about: action });
  crate.root(run, main, steps.length > 0);
  return { metadata: { '@context': CONTEXT, '@graph': crate.graph.entities }, files: crate.files };
}

class CrateWriter {
  readonly graph = new CrateGraph();
  readonly #files = new Map<string, CrateFile>();
  readonly #parts: Reference[] = [];
  readonly #actions: Reference[] = [];
  readonly #values = new Set<string>();

  constructor() {
    // They come first, as people look for them there; what belongs to them is known at the end.
    this.graph.add({ '@id': METADATA_FILE, '@type': 'CreativeWork', about: { '@id': './' } });
    this.graph.add({ '@id': './', '@type': 'Dataset' });
  }

  get files(): CrateFile[] {
    return [...this.#files.values()];
  }

  root(run: CrateRun, main: Reference | undefined, hasSteps: boolean): void {
    const { license, publisher } = run;
    const profiles = [
      profile('process', 'Process Run Crate'),
      ...(main === undefined ? [] : [profile('workflow', 'Workflow Run Crate')]),
      ...(hasSteps ? [profile('provenance', 'Provenance Run Crate')] : []),
      ...(main === undefined ? [] : [{ iri: WORKFLOW_CRATE, name: 'Workflow RO-Crate', version: '1.0' }]),
    ].map(({ iri, name, version }) => this.graph.add({ '@id': iri, '@type': 'CreativeWork', name, version }));
    const specification = ['https://w3id.org/ro/crate/1.1', ...(main === undefined ? [] : [WORKFLOW_CRATE])];
    this.graph.add({
      '@id': METADATA_FILE,
      '@type': 'CreativeWork',
      conformsTo: oneOrMore(specification.map((iri) => ({ '@id': iri }))),
    });
    this.graph.add({
      '@id': './',
      '@type': 'Dataset',
      name: run.name,
      description: run.description,
      datePublished: run.publishedAt.toISOString(),
      license:
        typeof license === 'string'
          ? license
          : this.graph.add({
              '@id': license.iri,
              '@type': 'CreativeWork',
              name: license.name,
              description: license.description,
              url: { '@id': license.iri },
            }),
      publisher: publisher && this.agent(publisher),
      conformsTo: oneOrMore(profiles),
      hasPart: oneOrMore(this.#parts),
      mainEntity: main,
      mentions: oneOrMore(this.#actions),
    });
  }

  workflow({ name, description, file, language, author }: CrateWorkflow): Reference {
    const languageRef = this.graph.add({
      '@id': local(language.id),
      '@type': 'ComputerLanguage',
      name: language.name,
      identifier: language.url && { '@id': language.url },
      url: language.url && { '@id': language.url },
      version: language.version,
    });
    const main = this.file(
      { ...file, name: file.name ?? name, description: file.description ?? description },
      { programmingLanguage: languageRef, author: author && this.agent(author) },
    );
    return this.graph.add({ ...main, '@type': ['File', 'SoftwareSourceCode', 'ComputationalWorkflow'] });
  }

  /** @param main the workflow that was run, in place of the instrument. */
  action(action: CrateAction, main: Reference | undefined): Reference {
    const { id, name, description, startedAt, endedAt, state, error, agent } = action;
    const instrument = main ?? this.software(action.instrument);
    const data = (list: readonly CrateData[], side: 'input' | 'output'): unknown =>
      oneOrMore(list.map((one) => this.#data(one, side, id, instrument)));
    const isCancelled = state === 'CANCELLED';
    return this.mention({
      '@id': local(id),
      '@type': 'CreateAction',
      name,
      description,
      instrument,
      agent: agent && this.agent(agent),
      startTime: startedAt?.toISOString(),
      endTime: endedAt?.toISOString(),
      object: data(action.objects, 'input'),
      result: data(action.results, 'output'),
      actionStatus: { '@id': `http://schema.org/${STATUS[state]}` },
      // No status says that somebody cancelled it.
      ...((state === 'FAILED' || isCancelled) && {
        error: error ?? (isCancelled ? 'It was cancelled.' : undefined),
      }),
    });
  }

  mention(entity: Entity): Reference {
    const reference = this.graph.add(entity);
    this.#actions.push(reference);
    return reference;
  }

  agent({ id, kind, name, affiliation }: CrateAgent): Reference {
    return this.graph.add({
      '@id': local(id),
      '@type': { PERSON: 'Person', ORGANIZATION: 'Organization', SOFTWARE: 'SoftwareApplication' }[kind],
      name,
      affiliation: affiliation && this.agent(affiliation),
    });
  }

  software({ id, name, version, url, code }: CrateSoftware): Reference {
    return this.graph.add({
      '@id': local(id),
      '@type': 'SoftwareApplication',
      name,
      softwareVersion: version,
      url: url && { '@id': url },
      hasPart: code && this.#code(code),
    });
  }

  file(file: CrateFile, more: Readonly<Record<string, unknown>> = {}): Reference {
    const known = this.#files.get(file.path);
    if (known?.sha256 !== undefined && file.sha256 !== undefined && known.sha256 !== file.sha256)
      throw new RangeError(`two files of the crate would be "${file.path}"`);
    this.#files.set(file.path, known ?? file);
    const { path, originalName, name = path.slice(path.lastIndexOf('/') + 1) } = file;
    const entity = described(fileId(path), { ...file, name });
    const reference = this.graph.add({ ...entity, alternateName: originalName, ...more });
    if (known === undefined) this.#parts.push(reference);
    return reference;
  }

  #code(file: CrateFile): Reference {
    return this.graph.add({ ...this.file(file), '@type': ['File', 'SoftwareSourceCode'] });
  }

  #data(data: CrateData, side: 'input' | 'output', actionId: string, instrument: Reference): Reference {
    const slot =
      data.slot === undefined ? undefined : this.#parameter(data.slot, side, typeOf(data), instrument);
    const reference = this.#content(data, side, actionId, slot);
    // Both ways, as the profile asks: which parameter a value is of, and which values a parameter had.
    if (slot !== undefined) this.graph.add({ ...slot, '@type': [], workExample: reference });
    return reference;
  }

  #content(
    data: CrateData,
    side: 'input' | 'output',
    actionId: string,
    slot: Reference | undefined,
  ): Reference {
    if (data.kind === 'FILE') return this.file(data, { exampleOfWork: slot });
    if (data.kind === 'REFERENCE') {
      // What cannot be fetched is no part of a crate that does not hold it, only spoken of.
      const isFile = /^https?:/.test(data.iri);
      const type = isFile ? 'File' : 'CreativeWork';
      const reference = this.graph.add({ ...described(data.iri, data), '@type': type, exampleOfWork: slot });
      if (isFile) this.#parts.push(reference);
      return reference;
    }
    let id = `${local(actionId)}-${side}-${encodeURIComponent(data.slot)}`;
    while (this.#values.has(id)) id += '-';
    this.#values.add(id);
    const value = typeof data.value === 'object' ? JSON.stringify(data.value) : String(data.value);
    return this.graph.add({
      '@id': id,
      '@type': 'PropertyValue',
      name: data.slot,
      value,
      exampleOfWork: slot,
    });
  }

  /** A slot of what was run, known by that and its name. */
  #parameter(name: string, side: 'input' | 'output', additionalType: string, of: Reference): Reference {
    const owner = of['@id'].replace(/^#/, '');
    const parameter = this.graph.add({
      '@id': `#${encodeURIComponent(owner)}-${side}-${encodeURIComponent(name)}`,
      '@type': 'FormalParameter',
      name,
      additionalType,
      conformsTo: { '@id': PARAMETER },
    });
    this.graph.add({
      '@id': PARAMETER,
      '@type': 'CreativeWork',
      name: 'FormalParameter profile',
      version: '1.0-RELEASE',
    });
    this.graph.add({ ...of, '@type': [], [side]: parameter });
    return parameter;
  }
}

const STATUS = {
  WAITING: 'PotentialActionStatus',
  RUNNING: 'ActiveActionStatus',
  SUCCEEDED: 'CompletedActionStatus',
  FAILED: 'FailedActionStatus',
  CANCELLED: 'FailedActionStatus',
} as const;

const profile = (name: string, title: string) => ({
  iri: `https://w3id.org/ro/wfrun/${name}/0.5`,
  name: title,
  version: '0.5',
});

const described = (id: string, data: Omit<CrateReference, 'iri'>): Entity => ({
  '@id': id,
  '@type': 'File',
  name: data.name ?? id,
  description: data.description,
  encodingFormat: data.mediaType,
  contentSize: data.bytes === undefined ? undefined : String(data.bytes),
  sha256: data.sha256,
});

/** In words of schema.org. */
function typeOf(data: CrateData): string {
  if (data.kind !== 'VALUE') return 'File';
  if (typeof data.value === 'boolean') return 'Boolean';
  if (typeof data.value === 'number') return Number.isInteger(data.value) ? 'Integer' : 'Float';
  return typeof data.value === 'object' ? 'PropertyValue' : 'Text';
}

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i;
const local = (id: string): string =>
  ABSOLUTE.test(id) || id.startsWith('#') ? id : `#${encodeURIComponent(id)}`;

function fileId(path: string): string {
  const parts = path.split('/');
  const isOutside =
    path.includes('\\') || path.includes('\0') || parts.some((part) => ['', '.', '..'].includes(part));
  if (isOutside || RESERVED.includes(path)) throw new RangeError(`"${path}" is no path of a file in a crate`);
  return parts.map(encodeURIComponent).join('/');
}
