// DOIs by the REST API of DataCite: PUT makes a DOI, or changes what is told of it; `event` moves it between its states.
import { randomBytes } from 'node:crypto';
import type { PidProvider, PidRecord } from '../application/pid-ports.js';
import type { RegisteredSubtype } from '../domain/node.js';
import { newCheckedName } from '../domain/pid.js';
import { PidFailure } from '../domain/pid-publication.js';
import { accept, put, type Registrar } from './registrar.js';

export interface DataciteOptions extends Omit<Registrar, 'contentType' | 'settings'> {
  readonly prefix: string;
  readonly shoulder: string;
  readonly timeoutMs?: number;
}

const SETTINGS = 'DATACITE_URL, DATACITE_PREFIX, DATACITE_REPOSITORY and DATACITE_PASSWORD';
const SCHEME = 'doi:';

/** `resourceTypeGeneral` of the DataCite schema. */
const GENERAL_TYPES: Readonly<Record<RegisteredSubtype, string>> = {
  MODEL: 'Model',
  MODEL_RUN_WORKFLOW_TEMPLATE: 'Workflow',
  DATASET: 'Dataset',
  DATASET_TEMPLATE: 'Other',
  MODEL_RUN: 'Other',
  STUDY: 'Other',
  CREATE: 'Event',
  VERSION: 'Event',
  PERSON: 'Other',
  ORGANISATION: 'Other',
};

export function dataciteProvider(options: DataciteOptions): PidProvider {
  const registrar: Registrar = {
    ...options,
    settings: SETTINGS,
    contentType: 'application/vnd.api+json',
  };
  const tell = async (pid: string, attributes: object, signal: AbortSignal): Promise<void> => {
    const doi = pid.slice(SCHEME.length);
    const body = { data: { id: doi, type: 'dois', attributes: { doi, ...attributes } } };
    const answer = await put(registrar, `/dois/${doi}`, body, signal, options.timeoutMs);
    // PUT makes what is not there, so that it says NOT FOUND to those whose repository it does not know.
    if (answer.status === 404)
      throw new PidFailure('SETUP', `answered 404: ${answer.text} - look at ${SETTINGS}`);
    accept(answer, SETTINGS);
  };
  return {
    kind: 'datacite',
    owns: (pid) => pid.startsWith(`${SCHEME}${options.prefix}/`),
    mint: () => `${SCHEME}${newCheckedName(options.prefix, options.shoulder, randomBytes)}`,
    publish: (pid, record, signal) => tell(pid, { event: 'publish', ...metadataOf(record) }, signal),
    updateTarget: (pid, url, signal) => tell(pid, { url }, signal),
    // From findable to registered: the DOI still leads to the tombstone, but is not found by searching.
    retire: (pid, _reason, signal) => tell(pid, { event: 'hide' }, signal),
  };
}

const metadataOf = ({ url, title, creators, publisher, year, type }: PidRecord & { url: string }) => ({
  url,
  titles: [{ title }],
  creators: creators.map((name) => ({ name })),
  publisher,
  publicationYear: year,
  types: { resourceTypeGeneral: GENERAL_TYPES[type], resourceType: type },
  schemaVersion: 'http://datacite.org/schema/kernel-4',
});
