// A report, made of what was found for its reader.
import type { Input, Output, Report, Resource, Run, TeamMember, Thing } from '@weft/report';
import { DELEGATION_ROLES } from './delegation.js';
import type { ProvenanceNode, Relation } from './node.js';
import { iriOfPid } from './node-iri.js';
import type { ItemDetails } from './report-details.js';

export type { Report };

/** A statement between two nodes that the reader may see, by keys. */
export interface ReportedLink {
  readonly from: number;
  readonly to: number;
  readonly relation: Relation;
  readonly role: string;
}

/** All of it is what the reader may see, and no list is longer than a report's. */
export interface CollectedReport {
  readonly subject: ProvenanceNode;
  readonly depth: number;
  readonly generatedAt: Date;
  readonly generatedFor: string;
  readonly runs: readonly ProvenanceNode[];
  readonly inputs: readonly ProvenanceNode[];
  readonly outputs: readonly ProvenanceNode[];
  readonly team: readonly ProvenanceNode[];
  readonly links: readonly ReportedLink[];
  readonly details: ReadonlyMap<number, ItemDetails>;
  /** What runs name in their metadata. */
  readonly named: ReadonlyMap<string, ProvenanceNode>;
  readonly pidBase: string;
  /** There is more that the reader may not see. */
  readonly hides: boolean;
  /** The way to what is here was longer than may be gone. */
  readonly isPartial: boolean;
  readonly truncated: Report['truncated'];
}

/** Of which kinds inputs and outputs are shown. */
export const RESOURCE_KINDS: Readonly<Partial<Record<ProvenanceNode['subtype'], Resource['kind']>>> = {
  DATASET: 'DATASET',
  MODEL: 'MODEL',
  MODEL_RUN_WORKFLOW_TEMPLATE: 'TEMPLATE',
  DATASET_TEMPLATE: 'TEMPLATE',
};

const HIDDEN = 'Some of what belongs here is not shown, because the reader may not see it.';
const PARTIAL = 'There is more around this than one report looks through; what is far away may be missing.';

const USES: ReadonlySet<Relation> = new Set(['USED', 'WAS_DERIVED_FROM', 'WAS_REVISION_OF']);

export function reportOf(collected: CollectedReport): Report {
  const { subject, depth, runs, hides, isPartial } = collected;
  const found = lookup(collected);
  const study = subject.subtype === 'MODEL_RUN' ? found.studyOf(subject) : undefined;
  return {
    title: `Report of ${subject.name}`,
    subject: {
      kind: subject.subtype === 'STUDY' ? 'STUDY' : 'MODEL_RUN',
      ...found.thing(subject),
      description: found.details(subject)?.description ?? '',
    },
    generatedAt: collected.generatedAt.toISOString(),
    generatedFor: collected.generatedFor,
    depth,
    ...(study === undefined
      ? {}
      : { study: { ...found.thing(study), description: found.details(study)?.description ?? '' } }),
    team: collected.team.map((agent) => memberOf(agent, collected, found)),
    inputs: collected.inputs.map((node): Input => ({ ...found.resource(node), usedBy: found.usersOf(node) })),
    runs: runs.map((run) => runOf(run, found)),
    outputs: collected.outputs.map((node): Output => ({
      ...found.resource(node),
      generatedBy: found.makersOf(node),
    })),
    notes: [...(hides ? [HIDDEN] : []), ...(isPartial ? [PARTIAL] : [])],
    truncated: collected.truncated,
  };
}

type Lookup = ReturnType<typeof lookup>;

function lookup(collected: CollectedReport) {
  const { links, details, named, pidBase } = collected;
  const nodes = new Map(
    [...collected.runs, ...collected.inputs, ...collected.outputs, ...collected.team, ...named.values()].map(
      (node) => [node.key, node],
    ),
  );
  const outOf = Map.groupBy(links, ({ from }) => from);
  const into = Map.groupBy(links, ({ to }) => to);
  const namesOf = (keys: readonly number[]): string[] =>
    [...new Set(keys)].flatMap((key) => nodes.get(key)?.name ?? []);
  const thing = ({ key, id, name }: ProvenanceNode): Thing => {
    const pid = details.get(key)?.pid;
    return { name, pid: pid ?? id, url: pid === undefined ? null : iriOfPid(pid, pidBase) };
  };
  const runOf = ({ key }: ProvenanceNode) => details.get(key)?.run ?? null;
  const firstOf = (node: ProvenanceNode, subtype: string): ProvenanceNode | undefined =>
    (outOf.get(node.key) ?? [])
      .map(({ to }) => nodes.get(to))
      .find((one) => one?.subtype === subtype && one !== node);
  const namedAs = (reference: string | null | undefined): ProvenanceNode | undefined =>
    named.get(reference ?? '');
  return {
    thing,
    details: ({ key }: ProvenanceNode) => details.get(key),
    outOf: ({ key }: ProvenanceNode) => outOf.get(key) ?? [],
    into: ({ key }: ProvenanceNode) => into.get(key) ?? [],
    node: (key: number) => nodes.get(key),
    run: runOf,
    usersOf: ({ key }: ProvenanceNode) =>
      namesOf((into.get(key) ?? []).filter(({ relation }) => USES.has(relation)).map(({ from }) => from)),
    makersOf: ({ key }: ProvenanceNode) =>
      namesOf(
        (outOf.get(key) ?? [])
          .filter(
            ({ to, relation }) => relation === 'WAS_GENERATED_BY' && nodes.get(to)?.subtype === 'MODEL_RUN',
          )
          .map(({ to }) => to),
      ),
    modelOf: (run: ProvenanceNode) => firstOf(run, 'MODEL'),
    templateOf: (run: ProvenanceNode) =>
      namedAs(runOf(run)?.template) ?? firstOf(run, 'MODEL_RUN_WORKFLOW_TEMPLATE'),
    studyOf: (run: ProvenanceNode) => namedAs(runOf(run)?.study) ?? firstOf(run, 'STUDY'),
    modellerOf: (run: ProvenanceNode) => namedAs(runOf(run)?.modeller) ?? firstOf(run, 'PERSON'),
    organisationOf: (run: ProvenanceNode) =>
      namedAs(runOf(run)?.organisation) ?? firstOf(run, 'ORGANISATION'),
    resource(node: ProvenanceNode): Resource {
      const known = details.get(node.key);
      return {
        ...thing(node),
        kind: RESOURCE_KINDS[node.subtype] ?? 'DATASET',
        description: known?.description ?? '',
        ...(known === undefined ? {} : { version: String(known.version) }),
        ...(known?.licence == null ? {} : { licence: known.licence }),
      };
    },
  };
}

function runOf(run: ProvenanceNode, found: Lookup): Run {
  const known = found.details(run);
  const shown = (node: ProvenanceNode | undefined): Thing | null =>
    node === undefined ? null : found.thing(node);
  return {
    ...found.thing(run),
    description: known?.description ?? '',
    start: known?.run?.start ?? null,
    end: known?.run?.end ?? null,
    model: shown(found.modelOf(run)),
    template: shown(found.templateOf(run)),
    modeller: shown(found.modellerOf(run)),
    organisation: shown(found.organisationOf(run)),
    status: statusOf(known),
    annotations: known?.run?.annotations ?? [],
  };
}

function statusOf(known: ItemDetails | undefined): string {
  if (known === undefined) return 'Not known';
  if (known.isWithdrawn) return 'Withdrawn';
  return known.isSeed ? 'Without content yet' : 'Registered';
}

function memberOf(agent: ProvenanceNode, { runs }: CollectedReport, found: Lookup): TeamMember {
  const roles = new Set<string>();
  for (const run of runs) {
    if (found.modellerOf(run)?.key === agent.key) roles.add('Modeller');
    if (found.organisationOf(run)?.key === agent.key) roles.add('Requested a model run');
  }
  for (const { relation, role } of found.into(agent)) {
    if (relation === 'WAS_ATTRIBUTED_TO') roles.add('Answers for data');
    if (role === DELEGATION_ROLES.onBehalfOf) roles.add('Others acted on its behalf');
    if (relation === 'WAS_ASSOCIATED_WITH' && roles.size === 0) roles.add('Took part');
  }
  return {
    ...found.thing(agent),
    kind: agent.subtype === 'ORGANISATION' ? 'ORGANISATION' : 'PERSON',
    roles: [...roles],
  };
}
