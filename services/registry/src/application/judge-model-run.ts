// Whether a record may be registered: its schema, what it names, its template, and what else generates its outputs.
import { userError, type UserError } from '@weft/errors';
import { normalizeReference } from '../domain/item.js';
import { checkMetadata, currentSchema, referencesOf, soundPlaces } from '../domain/item-types/index.js';
import { textAt } from '../domain/item-types/places.js';
import { canonicalRun, withIds, type ModelRunRecord, type ToldRun } from '../domain/model-run.js';
import {
  judgedParts,
  namedByTemplate,
  namingProblem,
  templateViolations,
  toldRun,
  type Named,
  type NamedItem,
} from '../domain/model-run-rules.js';
import type { ModelRunPorts, ModelRunWork } from './model-run-ports.js';

export interface RunToJudge {
  readonly record: unknown;
  /** Where the record stands in the input. */
  readonly path: readonly string[];
  /** Ids of what the run named before; it may go on naming what was withdrawn. */
  readonly keeps?: ReadonlySet<string>;
}

/** For whom it is judged; and the run that it shall be of, which may have generated its outputs already. */
export interface JudgedFor {
  readonly principals: readonly string[];
  readonly runId?: string;
}

export interface JudgedRun {
  /** With the id of each item that it names. */
  readonly record: ModelRunRecord;
  readonly told: ToldRun;
  readonly hash: string;
}

export interface Judgement {
  /** Null, if there are problems. */
  readonly judged: JudgedRun | null;
  readonly problems: readonly UserError[];
  /** Of what the record says; null where it names what is not there. */
  readonly hash: string | null;
}

export const judgeRun = async (
  ports: Pick<ModelRunPorts, 'sha256'>,
  tx: ModelRunWork,
  whom: JudgedFor,
  run: RunToJudge,
): Promise<Judgement> => (await judgeRuns(ports, tx, whom, [run]))[0] as Judgement;

/** Each by itself; what they name is read for all of them at once. What does not fit the schema is judged as far as it can be. */
export async function judgeRuns(
  { sha256 }: Pick<ModelRunPorts, 'sha256'>,
  tx: ModelRunWork,
  { principals, runId }: JudgedFor,
  runs: readonly RunToJudge[],
): Promise<Judgement[]> {
  const { version } = currentSchema('MODEL_RUN');
  const known = new Map<string, NamedItem>();
  const named: Named = (reference) => known.get(normalizeReference(reference));
  const learn = async (references: readonly string[]): Promise<void> => {
    const unknown = [...new Set(references.map(normalizeReference))].filter((one) => !known.has(one));
    if (unknown.length === 0) return;
    for (const item of await tx.named(unknown, principals, runId ?? null))
      known.set(item.id, item).set(item.pid, item);
  };

  const looked = runs.map((run) => {
    const misfits = checkMetadata('MODEL_RUN', version, run.record);
    const isSound = soundPlaces(misfits);
    const references = referencesOf('MODEL_RUN', version, run.record).filter(({ path }) => isSound(path));
    return { ...run, misfits, isSound, references };
  });
  await learn(looked.flatMap(({ references }) => references.map(({ item }) => item)));
  const templates = new Set(looked.flatMap(({ record }) => templateNamedBy(record, named) ?? []));
  await learn([...templates].flatMap(namedByTemplate));

  return looked.map((run): Judgement => {
    const { misfits, isSound, references, path, keeps = new Set<string>() } = run;
    const misnamed = references.flatMap(({ path: place, item, subtypes }) => {
      const problem = namingProblem(named(item), subtypes, keeps);
      return problem === undefined ? [] : [userError('ITEM_REFERENCE_INVALID', problem, ...path, ...place)];
    });
    const template = templateNamedBy(run.record, named);
    const misfilled =
      template === undefined
        ? []
        : templateViolations(judgedParts(run.record), template, named, keeps)
            .filter((one) => isSound(one.path))
            .map((one) => userError('MODEL_RUN_INVALID', one.message, ...path, ...one.path));
    const problems = [...misfits.map((one) => moved(one, path)), ...misnamed, ...misfilled];
    if (misfits.length > 0 || misnamed.length > 0) return { judged: null, hash: null, problems };
    const record = withIds(run.record as ModelRunRecord, (reference) => named(reference)?.id ?? reference);
    const hash = sha256(canonicalRun(record));
    if (template === undefined || problems.length > 0) return { judged: null, hash, problems };
    return { judged: { record, told: toldRun(record, template, named), hash }, hash, problems };
  });
}

function templateNamedBy(record: unknown, named: Named): NamedItem | undefined {
  const item = named(textAt(record, 'workflowTemplateId') ?? '');
  return item?.metadata != null && item.subtype === 'MODEL_RUN_WORKFLOW_TEMPLATE' ? item : undefined;
}

/** The path of a problem with metadata, from where these metadata stand. */
const moved = ({ code, message, path }: UserError, to: readonly string[]): UserError =>
  userError(code, message, ...to, ...path.slice(2));
