// What a report tells, as plain data: it knows neither the registry's types nor who may read what. Whoever fills it in has
// left out what its reader may not see, and says so in `notes`.

/** Something with a persistent identifier. */
export interface Thing {
  readonly name: string;
  readonly pid: string;
  /** Where the identifier leads; shown as a link if it is an http or https address. */
  readonly url: string | null;
}

export interface Subject extends Thing {
  readonly kind: 'STUDY' | 'MODEL_RUN';
  readonly description: string;
}

export interface Study extends Thing {
  readonly description: string;
}

export interface TeamMember extends Thing {
  readonly kind: 'PERSON' | 'ORGANISATION';
  /** In words for people: `Modeller`, `Requested the study`. */
  readonly roles: readonly string[];
}

/** What went in or came out. */
export interface Resource extends Thing {
  readonly kind: 'DATASET' | 'MODEL' | 'TEMPLATE';
  readonly description: string;
  readonly licence?: string;
  readonly version?: string;
}

export interface Input extends Resource {
  /** Names of the runs (or things) that used it. */
  readonly usedBy: readonly string[];
}

export interface Output extends Resource {
  /** Names of the runs that made it. */
  readonly generatedBy: readonly string[];
}

export interface Run extends Thing {
  readonly description: string;
  /** ISO 8601 with an offset; null while it is not known. */
  readonly start: string | null;
  readonly end: string | null;
  readonly model: Thing | null;
  readonly template: Thing | null;
  readonly modeller: Thing | null;
  readonly organisation: Thing | null;
  readonly status: string;
  readonly annotations: readonly { readonly name: string; readonly value: string }[];
}

export interface Report {
  readonly title: string;
  readonly subject: Subject;
  /** ISO 8601 with an offset. The only clock of a report: the same report is written the same again. */
  readonly generatedAt: string;
  /** The name of the reader by whose rights it was made. */
  readonly generatedFor: string;
  /** Steps upstream that were followed for inputs. */
  readonly depth: number;
  /** The study that the model run is part of. */
  readonly study?: Study;
  readonly team: readonly TeamMember[];
  readonly inputs: readonly Input[];
  readonly runs: readonly Run[];
  readonly outputs: readonly Output[];
  /** What the reader has to know, such as `3 things are not shown because the reader may not see them.` */
  readonly notes: readonly string[];
  /** Lists of which only the beginning is here. */
  readonly truncated: Readonly<Record<ReportList, boolean>>;
}

export type ReportList = 'team' | 'inputs' | 'runs' | 'outputs';
