import type { Entity } from './crate-graph.js';
import { METADATA_FILE, type RoCrate } from './ro-crate.js';

export type CrateLevel = 'process' | 'workflow' | 'provenance';

const listOf = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as unknown[]) : [value];
const idOf = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null ? (value as { '@id'?: string })['@id'] : undefined;
const idsOf = (value: unknown): string[] => listOf(value).flatMap((one) => idOf(one) ?? []);
const typesOf = (entity: Entity | undefined): unknown[] => listOf(entity?.['@type']);

/** What RO-Crate 1.1 and the profiles of Workflow-Run RO-Crate 0.5 ask for, as they say it, and do not find. */
export function crateFaults({ metadata, files }: RoCrate, level: CrateLevel): string[] {
  const graph = metadata['@graph'];
  const entities = new Map(graph.map((entity) => [entity['@id'], entity]));
  const faults: string[] = [];
  const must = (isSo: boolean, what: string): void => {
    if (!isSo) faults.push(what);
  };
  const of = (type: string): Entity[] => graph.filter((entity) => typesOf(entity).includes(type));
  const refers = (value: unknown, ...types: string[]): boolean =>
    idsOf(value).length > 0 &&
    idsOf(value).every((id) => types.some((type) => typesOf(entities.get(id)).includes(type)));
  must(entities.size === graph.length, 'each entity once');
  const [descriptor, root] = [entities.get(METADATA_FILE), entities.get('./')];
  must(typesOf(descriptor).includes('CreativeWork') && idOf(descriptor?.['about']) === './', 'descriptor');
  must(idsOf(descriptor?.['conformsTo']).includes('https://w3id.org/ro/crate/1.1'), 'RO-Crate 1.1');
  must(typesOf(root).includes('Dataset'), 'root');
  for (const word of ['name', 'description', 'datePublished', 'license'])
    must(root?.[word] !== undefined, word);
  const levels = { process: 1, workflow: 2, provenance: 3 };
  for (const profile of Object.keys(levels).slice(0, levels[level])) {
    const iri = `https://w3id.org/ro/wfrun/${profile}/0.5`;
    must(idsOf(root?.['conformsTo']).includes(iri), profile);
    must(
      entities.get(iri)?.['version'] === '0.5' && refers({ '@id': iri }, 'CreativeWork'),
      `${profile} described`,
    );
  }
  // All that is spoken of is described, and all that is described is spoken of.
  const reached = new Set([METADATA_FILE]);
  for (const id of reached)
    for (const [word, value] of Object.entries(entities.get(id) ?? {}))
      for (const to of idsOf(value)) {
        if (entities.has(to)) reached.add(to);
        else
          must(
            /^https?:/.test(to) && ['url', 'identifier', 'actionStatus', 'conformsTo'].includes(word),
            `${id} ${word} ${to}`,
          );
      }
  for (const id of entities.keys()) must(reached.has(id), `${id} is reached`);
  const parts = idsOf(root?.['hasPart']);
  must(parts.length === 0 || refers(root?.['hasPart'], 'File'), 'parts');
  for (const { '@id': id } of of('File')) must(parts.includes(id), `${id} is a part`);
  must(
    JSON.stringify(files.map(({ path }) => path).sort()) ===
      JSON.stringify(
        parts
          .filter((id) => !/^https?:/.test(id))
          .map(decodeURIComponent)
          .sort(),
      ),
    'the files are the parts',
  );
  must(of('CreateAction').length > 0, 'an action');
  for (const action of of('CreateAction')) {
    must(refers(action['instrument'], 'SoftwareApplication', 'ComputationalWorkflow'), 'instrument');
    must(
      action['agent'] === undefined ||
        refers(action['agent'], 'Person', 'Organization', 'SoftwareApplication'),
      'agent',
    );
    must(idsOf(root?.['mentions']).includes(action['@id']), 'mentioned');
    for (const word of ['object', 'result'])
      must(action[word] === undefined || refers(action[word], 'File', 'PropertyValue', 'CreativeWork'), word);
    for (const word of ['startTime', 'endTime'])
      must(action[word] === undefined || /T[\d:.]+Z$/.test(String(action[word])), word);
    const status = idOf(action['actionStatus']) ?? '';
    must(/^http:\/\/schema\.org\/(Potential|Active|Completed|Failed)ActionStatus$/.test(status), 'status');
    must(action['error'] === undefined || status.includes('Failed'), 'error only of what failed');
  }
  for (const software of of('SoftwareApplication'))
    must(
      software['name'] !== undefined &&
        (software['hasPart'] === undefined || refers(software['hasPart'], 'SoftwareSourceCode')),
      'software has a name, and parts that are code',
    );
  for (const parameter of of('FormalParameter'))
    must(parameter['additionalType'] !== undefined && parameter['name'] !== undefined, 'parameter');
  for (const data of [...of('File'), ...of('PropertyValue'), ...of('CreativeWork')]) {
    const parameters = idsOf(data['exampleOfWork']);
    must(parameters.length === 0 || refers(data['exampleOfWork'], 'FormalParameter'), 'exampleOfWork');
    for (const id of parameters)
      must(idsOf(entities.get(id)?.['workExample']).includes(data['@id']), `${id} names ${data['@id']}`);
  }
  if (level === 'process') return faults;

  const main = entities.get(idOf(root?.['mainEntity']) ?? '');
  for (const type of ['File', 'SoftwareSourceCode', 'ComputationalWorkflow'])
    must(typesOf(main).includes(type), type);
  must(
    main?.['name'] !== undefined && refers(main['programmingLanguage'], 'ComputerLanguage'),
    'main workflow',
  );
  const runs = of('CreateAction').filter(({ instrument }) => idOf(instrument) === main?.['@id']);
  must(runs.length === 1, 'the run of the workflow');
  if (level === 'workflow') return faults;

  must(typesOf(main).includes('HowTo') && refers(main?.['step'], 'HowToStep'), 'steps');
  must(refers(main?.['hasPart'], 'SoftwareApplication', 'ComputationalWorkflow'), 'tools');
  for (const step of of('HowToStep'))
    must(refers(step['workExample'], 'SoftwareApplication'), 'tool of a step');
  for (const control of of('ControlAction'))
    must(refers(control['instrument'], 'HowToStep') && refers(control['object'], 'CreateAction'), 'control');
  must(of('ControlAction').length === of('HowToStep').length, 'a control for each step');
  for (const organize of of('OrganizeAction'))
    must(
      refers(organize['instrument'], 'SoftwareApplication') &&
        refers(organize['object'], 'ControlAction') &&
        refers(organize['result'], 'CreateAction'),
      'organize',
    );
  return faults;
}
