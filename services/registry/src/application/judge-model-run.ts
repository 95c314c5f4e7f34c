// Whether a record may be registered: its schema, what it names, its template, and what else generates its outputs.
import { userError, type UserError } from '@weft/errors';
import { normalizeReference } from '../domain/item.js';
import { checkMetadata, currentSchema, referencesOf } from '../domain/item-types/index.js';
import { canonicalRun, withIds, type ModelRunRecord, type ToldRun } from '../domain/model-run.js';
import {
  namedByTemplate,
  namingProblem,
  templateViolations,
  toldRun,
  type Named,
  type NamedItem,
} from '../domain/model-run-rules.js';
import type { ModelRunPorts, ModelRunWork } from './model-run-ports.js';

export interface RunToJudge {
  readonly principals: readonly string[];
  readonly record: unknown;
  /** Where the record stands in the input. */
  readonly path: readonly string[];
  /** The run that it shall be of, and the ids of what that named before. */
  readonly run: { readonly id: string; readonly keeps: ReadonlySet<string> } | null;
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

export async function judgeRun(
  { sha256 }: Pick<ModelRunPorts, 'sha256'>,
  tx: ModelRunWork,
  { principals, record: given, path, run }: RunToJudge,
): Promise<Judgement> {
  const { version } = currentSchema('MODEL_RUN');
  const misfits = checkMetadata('MODEL_RUN', version, given);
  if (misfits.length > 0)
    return { judged: null, hash: null, problems: misfits.map((one) => moved(one, path)) };
  const record = given as ModelRunRecord;

  const known = new Map<string, NamedItem>();
  const named: Named = (reference) => known.get(normalizeReference(reference));
  const learn = async (references: readonly string[]): Promise<void> => {
    const unknown = [...new Set(references.map(normalizeReference))].filter((one) => !known.has(one));
    if (unknown.length === 0) return;
    for (const item of await tx.named(unknown, principals, run?.id ?? null))
      known.set(item.id, item).set(item.pid, item);
  };
  const references = referencesOf('MODEL_RUN', version, record);
  await learn(references.map(({ item }) => item));

  const keeps = run?.keeps ?? new Set<string>();
  const problems: UserError[] = references.flatMap(({ path: place, item, subtypes }) => {
    const problem = namingProblem(named(item), subtypes, keeps);
    return problem === undefined ? [] : [userError('ITEM_REFERENCE_INVALID', problem, ...path, ...place)];
  });
  const normal = withIds(record, (reference) => named(reference)?.id ?? reference);
  const hash = problems.length > 0 ? null : sha256(canonicalRun(normal));
  const template = named(record.workflowTemplateId);
  if (template?.metadata == null || template.subtype !== 'MODEL_RUN_WORKFLOW_TEMPLATE')
    return { judged: null, hash, problems };
  await learn(namedByTemplate(template));
  problems.push(
    ...templateViolations(record, template, named, keeps).map(({ path: place, message }) =>
      userError('MODEL_RUN_INVALID', message, ...path, ...place),
    ),
  );
  if (hash === null || problems.length > 0) return { judged: null, hash, problems };
  return { judged: { record: normal, told: toldRun(normal, template, named), hash }, hash, problems };
}

/** The path of a problem with metadata, from where these metadata stand. */
const moved = ({ code, message, path }: UserError, to: readonly string[]): UserError =>
  userError(code, message, ...to, ...path.slice(2));
