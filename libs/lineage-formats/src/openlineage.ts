// A run as events of OpenLineage 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json): one START and one of COMPLETE,
// FAIL and ABORT for each run that has ended, whatever it went through; OTHER while it waits.
import { defined } from './defined.js';

export type RunState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

export interface JobName {
  readonly namespace: string;
  readonly name: string;
}

export interface RunReference {
  /** A UUID. */
  readonly runId: string;
  readonly job: JobName;
}

export interface DatasetUse {
  readonly namespace: string;
  readonly name: string;
  /** Of the content, in hex; it is the version where `version` says none. */
  readonly sha256?: string;
  readonly version?: string;
  readonly bytes?: number;
  readonly rows?: number;
  readonly description?: string;
}

export interface SourceCode {
  /** The system that keeps it, such as `git`. */
  readonly type: string;
  readonly url: string;
  readonly repoUrl?: string;
  readonly path?: string;
  readonly version?: string;
  readonly tag?: string;
  readonly branch?: string;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
  readonly source?: string;
}

export interface RunHistory extends RunReference {
  readonly job: JobName & {
    readonly description?: string;
    /** Such as `SERVICE` or `COMMAND`. */
    readonly type?: string;
    readonly sourceCode?: SourceCode;
    readonly tags?: readonly Tag[];
  };
  /** A URL that names who tells this, with its version. */
  readonly producer: string;
  /** In the order in which they came; a run that was tried again is QUEUED and RUNNING more than once. */
  readonly transitions: readonly { readonly state: RunState; readonly at: Date }[];
  readonly inputs: readonly DatasetUse[];
  /** Told once it has ended. */
  readonly outputs: readonly DatasetUse[];
  /** The run that began this one, such as a workflow's; `root` where that has one above it. */
  readonly parent?: RunReference & { readonly root?: RunReference };
  readonly retryOf?: RunReference;
  /** Runs that had to end before. */
  readonly needs?: readonly RunReference[];
  /** The time it was planned for. */
  readonly nominalTime?: { readonly start: Date; readonly end?: Date };
  readonly tags?: readonly Tag[];
  /** Why it failed, or was cancelled. */
  readonly error?: { readonly message: string; readonly language?: string; readonly stackTrace?: string };
  /** What runs it. */
  readonly engine?: { readonly name: string; readonly version: string };
}

export type EventType = 'START' | 'RUNNING' | 'COMPLETE' | 'FAIL' | 'ABORT' | 'OTHER';

export interface Facet {
  readonly _producer: string;
  readonly _schemaURL: string;
  readonly [property: string]: unknown;
}
type Facets = Readonly<Record<string, Facet>>;

export interface OpenLineageEvent {
  readonly eventType: EventType;
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string; readonly facets: Facets };
  readonly job: JobName & { readonly facets: Facets };
  readonly inputs: readonly OpenLineageDataset[];
  readonly outputs: readonly OpenLineageDataset[];
}

export interface OpenLineageDataset extends JobName {
  readonly facets: Facets;
  readonly inputFacets?: Facets;
  readonly outputFacets?: Facets;
}

const RUN_EVENT = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';

/** Each facet with the version of its schema. */
const SCHEMAS = {
  parent: '1-1-0/ParentRunFacet',
  nominalTime: '1-0-1/NominalTimeRunFacet',
  errorMessage: '1-0-1/ErrorMessageRunFacet',
  jobDependencies: '1-0-1/JobDependenciesRunFacet',
  processing_engine: '1-1-1/ProcessingEngineRunFacet',
  runTags: '1-0-0/TagsRunFacet',
  jobTags: '1-0-0/TagsJobFacet',
  jobType: '2-0-3/JobTypeJobFacet',
  documentation: '1-0-1/DocumentationJobFacet',
  sourceCodeLocation: '1-0-1/SourceCodeLocationJobFacet',
  datasetDocumentation: '1-0-1/DocumentationDatasetFacet',
  version: '1-0-1/DatasetVersionDatasetFacet',
  inputStatistics: '1-0-0/InputStatisticsInputDatasetFacet',
  outputStatistics: '1-0-2/OutputStatisticsOutputDatasetFacet',
} as const;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const TERMINAL = { SUCCEEDED: 'COMPLETE', FAILED: 'FAIL', CANCELLED: 'ABORT' } as const;

/** @throws RangeError where a run is not named by a UUID, or the producer by a URL. */
export function openLineageEvents(run: RunHistory): OpenLineageEvent[] {
  const { producer } = run;
  for (const one of [run, run.parent, run.parent?.root, run.retryOf, ...(run.needs ?? [])])
    if (one !== undefined && !UUID.test(one.runId)) throw new RangeError(`"${one.runId}" is no UUID`);
  if (!URL.canParse(producer)) throw new RangeError(`"${producer}" is no URL`);
  const facet: MakeFacet = (schema, content) => ({
    _producer: producer,
    _schemaURL: schemaUrl(SCHEMAS[schema]),
    ...defined(content),
  });
  const job = { namespace: run.job.namespace, name: run.job.name, facets: jobFacets(run, facet) };
  const runFacets = facetsOf(run, facet);
  const inputs = datasets(run.inputs, 'inputFacets', facet);
  const outputs = datasets(run.outputs, 'outputFacets', facet);
  return typedTransitions(run).map(([eventType, at]) => {
    const hasEnded = eventType === 'COMPLETE' || eventType === 'FAIL' || eventType === 'ABORT';
    const error = hasEnded && eventType !== 'COMPLETE' ? errorFacet(run, facet) : {};
    return {
      eventType,
      eventTime: at.toISOString(),
      producer,
      schemaURL: RUN_EVENT,
      run: { runId: run.runId, facets: { ...runFacets, ...error } },
      job,
      inputs,
      outputs: hasEnded ? outputs : [],
    };
  });
}

/** A run that ended before it began still begins: readers wait for the START of each run. */
function typedTransitions({ transitions }: RunHistory): (readonly [EventType, Date])[] {
  const events: (readonly [EventType, Date])[] = [];
  let hasStarted = false;
  for (const { state, at } of transitions) {
    if (state === 'QUEUED') events.push(['OTHER', at]);
    else {
      if (!hasStarted) events.push(['START', at]);
      else if (state === 'RUNNING') events.push(['RUNNING', at]);
      hasStarted = true;
    }
    if (state === 'QUEUED' || state === 'RUNNING') continue;
    events.push([TERMINAL[state], at]);
    break;
  }
  return events;
}

type MakeFacet = (schema: keyof typeof SCHEMAS, content: object) => Facet;

const schemaUrl = (path: string): string =>
  `https://openlineage.io/spec/facets/${path}.json#/$defs/${path.slice(path.indexOf('/') + 1)}`;

const referenced = ({ runId, job: { namespace, name } }: RunReference) => ({
  run: { runId },
  job: { namespace, name },
});

function facetsOf(run: RunHistory, facet: MakeFacet): Facets {
  const { parent, nominalTime, tags = [], engine, retryOf, needs = [] } = run;
  const upstream = [
    ...needs.map(referenced),
    ...(retryOf === undefined ? [] : [{ ...referenced(retryOf), status_trigger_rule: 'EXECUTE_ON_FAILURE' }]),
  ];
  return {
    ...(parent && {
      parent: facet('parent', { ...referenced(parent), root: parent.root && referenced(parent.root) }),
    }),
    ...(nominalTime && {
      nominalTime: facet('nominalTime', {
        nominalStartTime: nominalTime.start.toISOString(),
        nominalEndTime: nominalTime.end?.toISOString(),
      }),
    }),
    ...(upstream.length > 0 && { jobDependencies: facet('jobDependencies', { upstream, downstream: [] }) }),
    ...(engine && { processing_engine: facet('processing_engine', engine) }),
    ...(tags.length > 0 && { tags: facet('runTags', { tags: tags.map(defined) }) }),
  };
}

const errorFacet = ({ error }: RunHistory, facet: MakeFacet): Facets =>
  error === undefined
    ? {}
    : {
        errorMessage: facet('errorMessage', {
          message: error.message,
          // Compulsory, and of a failure without code of the user there is none.
          programmingLanguage: error.language ?? 'unknown',
          stackTrace: error.stackTrace,
        }),
      };

function jobFacets({ job }: RunHistory, facet: MakeFacet): Facets {
  const { description, type = 'JOB', sourceCode, tags = [] } = job;
  return {
    jobType: facet('jobType', { processingType: 'BATCH', integration: 'WEFT', jobType: type }),
    ...(description !== undefined && { documentation: facet('documentation', { description }) }),
    ...(sourceCode && { sourceCodeLocation: facet('sourceCodeLocation', sourceCode) }),
    ...(tags.length > 0 && { tags: facet('jobTags', { tags: tags.map(defined) }) }),
  };
}

/** One that was used in several roles is told once. */
function datasets(
  uses: readonly DatasetUse[],
  side: 'inputFacets' | 'outputFacets',
  facet: MakeFacet,
): OpenLineageDataset[] {
  const told = new Map<string, OpenLineageDataset>();
  const statistics = side === 'inputFacets' ? 'inputStatistics' : 'outputStatistics';
  for (const { namespace, name, sha256, version, bytes, rows, description } of uses) {
    const key = JSON.stringify([namespace, name]);
    if (told.has(key)) continue;
    const datasetVersion = version ?? (sha256 === undefined ? undefined : `sha256:${sha256}`);
    const hasSize = bytes !== undefined || rows !== undefined;
    told.set(key, {
      namespace,
      name,
      facets: {
        ...(datasetVersion !== undefined && { version: facet('version', { datasetVersion }) }),
        ...(description !== undefined && { documentation: facet('datasetDocumentation', { description }) }),
      },
      [side]: hasSize ? { [statistics]: facet(statistics, { size: bytes, rowCount: rows }) } : {},
    });
  }
  return [...told.values()];
}
