// Runs as rows of a spreadsheet: the columns that a workflow template makes, and how cells become records and back.
import { normalizeReference } from './item.js';
import { at as valueAt, textAt } from './item-types/places.js';
import { SIDES, type Side } from './model-run.js';

export interface SheetSlot {
  readonly side: Side;
  /** Of the dataset template. */
  readonly id: string;
  readonly pid: string;
  readonly name: string;
  readonly optional: boolean;
  readonly resources: readonly { readonly key: string; readonly optional: boolean }[];
}

/** What the columns follow from. */
export interface SheetTemplate {
  readonly pid: string;
  readonly slots: readonly SheetSlot[];
  readonly annotations: { readonly required: readonly string[]; readonly optional: readonly string[] };
}

/** What the registry says of a row; whatever stands there is given back as it is now. */
export const JOB_COLUMNS = ['_job_id', '_job_status', '_model_run_id', '_error'] as const;
const MARKER = '_template ';

interface Column {
  readonly header: string;
  /** What tells it from the others; names of templates in headers are for people. */
  readonly key: string;
  readonly required: boolean;
  put(record: Draft, cell: string): void;
  /** From a record that nobody has judged. */
  take(record: unknown): string | undefined;
}

interface Draft {
  readonly fields: Map<string, string>;
  readonly associations: Map<string, string>;
  readonly slots: Map<string, DraftSlot>;
  readonly annotations: Map<string, string>;
}

interface DraftSlot {
  readonly side: Side;
  readonly pid: string;
  /** As it stands in the cell, as resources do. */
  datasets: string;
  readonly resources: Map<string, string>;
}

/** Between the datasets of one slot, and between their resources. */
const BETWEEN = ';';

const FIELDS = [
  ['display_name', 'displayName', true],
  ['description', 'description', true],
  ['study_id', 'studyId', false],
  ['model_version', 'modelVersion', false],
  ['start_time', 'startTime', true],
  ['end_time', 'endTime', true],
] as const;
const PEOPLE = [
  ['modeller_id', 'modellerId', true],
  ['requesting_organisation_id', 'requestingOrganisationId', false],
] as const;

/** `2026-03-31 12:00` is UTC, as a spreadsheet writes it; anything else is for the schema to judge. */
function withOffset(cell: string): string {
  const [, day, minutes, rest = ''] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)((?::\d\d(?:\.\d{1,9})?)?)$/.exec(cell) ?? [];
  return day === undefined || minutes === undefined ? cell : `${day}T${minutes}${rest || ':00'}Z`;
}

const SIDE_WORDS: Readonly<Record<Side, string>> = { inputs: 'input', outputs: 'output' };

export function columnsOf({ slots, annotations }: SheetTemplate): Column[] {
  return [
    ...FIELDS.map(([header, name, required]): Column => ({
      ...{ header, key: header, required },
      put: ({ fields }, cell) => void fields.set(name, name.endsWith('Time') ? withOffset(cell) : cell),
      take: (record) => textAt(record, name),
    })),
    ...PEOPLE.map(([header, name, required]): Column => ({
      ...{ header, key: header, required },
      put: ({ associations }, cell) => void associations.set(name, cell),
      take: (record) => textAt(record, 'associations', name),
    })),
    ...slots.flatMap(slotColumns),
    ...[...annotations.required, ...annotations.optional].map((name) =>
      annotationColumn(name, annotations.required.includes(name)),
    ),
  ];
}

function annotationColumn(name: string, required: boolean): Column {
  const header = `annotation: ${name}`;
  return {
    ...{ header, key: keyOf(header), required },
    put: (draft, cell) => void draft.annotations.set(name, cell),
    take: (record) => textAt(record, 'annotations', name),
  };
}

function slotColumns({ side, id, pid, name, optional, resources }: SheetSlot): Column[] {
  const header = `${SIDE_WORDS[side]}: ${name} [${pid}]`;
  const draftOf = ({ slots }: Draft): DraftSlot => {
    const known = slots.get(`${side} ${pid}`) ?? { side, pid, datasets: '', resources: new Map() };
    slots.set(`${side} ${pid}`, known);
    return known;
  };
  const found = (record: unknown): unknown[] => {
    const filled = valueAt(record, side);
    return !Array.isArray(filled)
      ? []
      : filled.filter((one) => {
          const named = textAt(one, 'datasetTemplateId');
          return named !== undefined && [id, pid].includes(normalizeReference(named));
        });
  };
  const together = (texts: readonly (string | undefined)[]): string | undefined =>
    texts.every((text) => text === undefined)
      ? undefined
      : texts.map((text) => text ?? '').join(`${BETWEEN} `);
  return [
    {
      ...{ header, key: keyOf(header), required: !optional },
      put: (draft, cell) => void (draftOf(draft).datasets = cell),
      take: (record) => together(found(record).map((one) => textAt(one, 'datasetId'))),
    },
    ...resources.map(({ key, optional: mayMiss }): Column => {
      const title = `${header} / ${key}`;
      return {
        ...{ header: title, key: keyOf(title), required: !optional && !mayMiss },
        put: (draft, cell) => void draftOf(draft).resources.set(key, cell),
        take: (record) => together(found(record).map((one) => textAt(one, 'resources', key))),
      };
    }),
  ];
}

/** A header without what may be called otherwise tomorrow: `input: Wind [ark:…] / file` is `input [ark:…] / file`. */
function keyOf(header: string): string {
  const annotation = annotationIn(header);
  if (annotation !== undefined) return `annotation: ${annotation}`;
  const [, side, rest] = /^(input|output):.*?(\[[!-~]+\](?: \/ .*)?)$/s.exec(header) ?? [];
  return side === undefined || rest === undefined ? header : `${side} ${rest}`;
}

/** The name of the annotation that a column is of; the template need not know it. */
const annotationIn = (header: string): string | undefined =>
  header.startsWith('annotation:') ? header.slice('annotation:'.length).trim() || undefined : undefined;

export const headerOf = (template: SheetTemplate): string[] => [
  `${MARKER}${template.pid}`,
  ...columnsOf(template).map(({ header }) => header),
  ...JOB_COLUMNS,
];

export interface SheetProblem {
  /** From 0; null: of the header as a whole. */
  readonly column: number | null;
  readonly message: string;
}

export interface ReadHeader {
  readonly problems: readonly SheetProblem[];
  readonly warnings: readonly string[];
  /** Of a row its record; null, if it names a job already that did not fail. */
  readonly recordOf: (cells: readonly string[]) => Record<string, unknown> | null;
}

const OURS = /^(_|input:|output:|annotation:)/;

/** What the header of a sheet means for this template. Columns that are nobody's are kept and said; what looks like ours must be. */
export function readHeader(header: readonly string[], template: SheetTemplate): ReadHeader {
  const columns = new Map(columnsOf(template).map((column) => [column.key, column]));
  const problems: SheetProblem[] = [];
  const warnings: string[] = [];
  const places = new Map<string, number>();
  for (const text of header) {
    const annotation = annotationIn(text.trim());
    if (annotation !== undefined && !columns.has(keyOf(text.trim())))
      columns.set(keyOf(text.trim()), annotationColumn(annotation, false));
  }
  header.forEach((text, at) => {
    const key = keyOf(text.trim());
    const isOurs = OURS.test(text.trim());
    const say = (message: string): void => void problems.push({ column: at, message });
    if (places.has(key)) return say(`The column "${text}" is there twice.`);
    places.set(key, at);
    if (key.startsWith(MARKER.trim()) && key !== `${MARKER}${template.pid}`)
      say(`The sheet is for the template ${key.slice(MARKER.length) || '(none)'}, not for ${template.pid}.`);
    else if (isOurs && !key.startsWith(MARKER.trim()) && !isJobColumn(key) && !columns.has(key))
      say(`The template has no column "${text}".`);
    else if (!isOurs && !columns.has(key))
      warnings.push(`The column "${text}" is not of the template and is left as it is.`);
  });
  const missing = [...columns.values()].filter(({ key, required }) => required && !places.has(key));
  if (
    !places.has(`${MARKER}${template.pid}`) &&
    !problems.some(({ message }) => message.startsWith('The sheet'))
  )
    problems.push({ column: null, message: `The column "${MARKER}${template.pid}" is missing.` });
  for (const column of missing)
    problems.push({ column: null, message: `The column "${column.header}" is missing.` });

  const placed = [...columns].flatMap(([key, column]) => {
    const at = places.get(key);
    return at === undefined ? [] : [{ at, column }];
  });
  const [jobAt, statusAt] = [places.get('_job_id'), places.get('_job_status')];
  const recordOf = (cells: readonly string[]): Record<string, unknown> | null => {
    const [job, status] = [jobAt, statusAt].map((at) => (at === undefined ? '' : (cells[at] ?? '').trim()));
    if (job !== '' && status !== 'FAILED') return null;
    const draft: Draft = {
      ...{ fields: new Map(), associations: new Map(), slots: new Map(), annotations: new Map() },
    };
    for (const { at, column } of placed) {
      const cell = (cells[at] ?? '').trim();
      if (cell !== '') column.put(draft, cell);
    }
    return recordOfDraft(draft, template.pid);
  };
  return { problems, warnings, recordOf };
}

/** A dataset for each; one that has more resources than there are datasets is without an id, which is told of it. */
function datasetsOf({ pid, datasets, resources }: DraftSlot) {
  const ids = piecesOf(datasets).filter((id) => id !== '');
  // The path of a single one may hold what stands between several.
  const paths = [...resources].map(([key, cell]) => [key, ids.length > 1 ? piecesOf(cell) : [cell]] as const);
  const count = Math.max(ids.length, ...paths.map(([, pieces]) => pieces.length));
  return Array.from({ length: count }, (_, index) => {
    const own = paths.flatMap(([key, pieces]) => (pieces[index] ? [[key, pieces[index]] as const] : []));
    return {
      datasetTemplateId: pid,
      ...(ids[index] === undefined ? {} : { datasetId: ids[index] }),
      ...(own.length === 0 ? {} : { resources: Object.fromEntries(own) }),
    };
  });
}

const piecesOf = (cell: string): string[] => cell.split(BETWEEN).map((piece) => piece.trim());

function recordOfDraft({ fields, associations, slots, annotations }: Draft, template: string) {
  const filled = (side: Side) => [...slots.values()].filter((slot) => slot.side === side).flatMap(datasetsOf);
  return {
    workflowTemplateId: template,
    ...Object.fromEntries(fields),
    ...Object.fromEntries(SIDES.map((side) => [side, filled(side)])),
    ...(annotations.size === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    associations: Object.fromEntries(associations),
  };
}

const isJobColumn = (key: string): boolean => JOB_COLUMNS.some((name) => name === key);

/** What became of a row, as its last cells say it. */
export type JobCells = Readonly<Record<(typeof JOB_COLUMNS)[number], string>>;

/** The row as it was given, with what became of it. */
export function rowWithJob(header: readonly string[], cells: readonly string[], job: JobCells): string[] {
  return header.map((name, at) =>
    isJobColumn(name.trim()) ? job[name.trim() as keyof JobCells] : (cells[at] ?? ''),
  );
}

/** A header that has the columns of the registry in it. */
export const withJobColumns = (header: readonly string[]): string[] => [
  ...header,
  ...JOB_COLUMNS.filter((name) => !header.some((given) => given.trim() === name)),
];

/** A record that did not come from a sheet, as a row of one; what it says beside the template is left out. */
export function cellsOf(record: unknown, template: SheetTemplate): string[] {
  return ['', ...columnsOf(template).map((column) => column.take(record) ?? '')];
}
