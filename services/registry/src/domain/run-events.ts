// A run that has ended as events of OpenLineage. Pure.
import { ERROR_CODES, isErrorCode } from '@weft/errors';
import {
  openLineageEvents,
  type DatasetUse,
  type OpenLineageEvent,
  type RunHistory,
} from '@weft/lineage-formats';
import { contentOf } from './crate-content.js';
import type { KnownNode } from './exported-lineage.js';
import {
  codeOf,
  inputsOf,
  iriOf,
  outcomeOf,
  templateOf,
  timesOf,
  type RunPart,
  type RunStory,
} from './run-story.js';

/** Who tells it. */
const PRODUCER = 'urn:weft:registry';

export function eventsOf(story: RunStory, pidBase: string): OpenLineageEvent[] {
  const { activity, made, earlier, needs } = story;
  const { jobId = activity.id, submittedAt, workflowId } = activity.facts;
  const { startedAt, endedAt } = timesOf(activity);
  const [code, template] = [codeOf(story), templateOf(story)];
  const at = (state: RunHistory['transitions'][number]['state'], time: string | undefined) =>
    time === undefined ? [] : [{ state, at: new Date(time) }];
  return openLineageEvents({
    runId: jobId,
    job: {
      ...jobNameOf(activity),
      ...(template && { type: 'MODEL_RUN', description: `Follows ${template.name}.` }),
      ...(code === undefined
        ? {}
        : { sourceCode: { type: 'weft', url: iriOf(code, pidBase), version: code.name } }),
    },
    producer: PRODUCER,
    transitions: [
      ...at('QUEUED', submittedAt),
      ...at('RUNNING', startedAt),
      ...at(outcomeOf(activity), endedAt ?? activity.createdAt.toISOString()),
    ],
    inputs: inputsOf(story).map(datasetOf),
    outputs: made.map(datasetOf),
    ...(workflowId === undefined
      ? {}
      : {
          parent: {
            runId: workflowId,
            job: { namespace: namespaceOf(activity), name: `workflow/${workflowId}` },
          },
        }),
    needs: needs.flatMap(runOf),
    ...(earlier === undefined ? {} : { retryOf: runOf(earlier)[0] }),
    ...errorOf(story),
  });
}

const runOf = (activity: KnownNode) =>
  activity.facts.jobId === undefined ? [] : [{ runId: activity.facts.jobId, job: jobNameOf(activity) }];

const LANGUAGES = { NODEJS: 'JavaScript', PYTHON: 'Python' } as const;

/** The code of what ended it; its text is in the job, for those who may see that. */
function errorOf(story: RunStory): Pick<RunHistory, 'error'> {
  const { outcome, errorCode } = story.activity.facts;
  if (outcome !== 'FAILED' || errorCode === undefined) return {};
  const meaning = isErrorCode(errorCode) ? `: ${ERROR_CODES[errorCode].meaning}` : '';
  const runtime = codeOf(story)?.facts.runtime;
  const language = runtime && LANGUAGES[runtime];
  return { error: { message: `${errorCode}${meaning}`, ...(language && { language }) } };
}

const namespaceOf = ({ organizationId }: KnownNode): string => `weft://${organizationId ?? 'shared'}`;
const jobNameOf = (activity: KnownNode) => ({ namespace: namespaceOf(activity), name: activity.name });

function datasetOf({ node }: RunPart): DatasetUse {
  const { artifactId, jobId, itemIndex } = node.facts;
  const { sha256, bytes } = contentOf(node);
  const name =
    node.pid ??
    (artifactId !== undefined
      ? `artifact/${artifactId}`
      : jobId !== undefined && itemIndex !== undefined
        ? `job/${jobId}/result/${itemIndex}`
        : sha256 !== undefined
          ? `value/${sha256}`
          : node.id);
  return {
    namespace: namespaceOf(node),
    name,
    description: node.name,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}
