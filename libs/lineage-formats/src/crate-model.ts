/** What a crate is made of; ids are absolute IRIs, or names of this crate such as `run-7`. */

/** A run with its files, as somebody shares it. */
export interface CrateRun {
  readonly name: string;
  readonly description: string;
  readonly publishedAt: Date;
  /** A text such as "All rights reserved", or a licence that has a name and a page. */
  readonly license: string | { readonly iri: string; readonly name: string; readonly description?: string };
  readonly publisher?: CrateAgent;
  readonly action: CrateAction;
  /** What was run, if it is told as a workflow: the crate is then a Workflow Run Crate, with steps a Provenance Run Crate. */
  readonly workflow?: CrateWorkflow;
  /** Files beside inputs and results, such as logs; each is about the run. */
  readonly traces?: readonly CrateFile[];
}

export interface CrateAction {
  readonly id: string;
  readonly name: string;
  /** Such as the command line; for people. */
  readonly description?: string;
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  readonly state: 'WAITING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  readonly error?: string;
  readonly agent?: CrateAgent;
  /** What ran; of the run of a workflow the workflow stands in its place. */
  readonly instrument: CrateSoftware;
  readonly objects: readonly CrateData[];
  readonly results: readonly CrateData[];
}

export interface CrateWorkflow {
  readonly name: string;
  readonly description?: string;
  /** The file that describes it: the code, or the definition of the job. */
  readonly file: CrateFile;
  readonly language: {
    readonly id: string;
    readonly name: string;
    readonly url?: string;
    readonly version?: string;
  };
  readonly author?: CrateAgent;
  readonly steps?: readonly CrateStep[];
  /** What carried the steps out. */
  readonly engine?: CrateSoftware;
}

/** Its action's instrument is the tool of the step. */
export interface CrateStep {
  readonly id: string;
  readonly name: string;
  readonly action: CrateAction;
}

export interface CrateAgent {
  readonly id: string;
  readonly kind: 'PERSON' | 'ORGANIZATION' | 'SOFTWARE';
  readonly name: string;
  readonly affiliation?: CrateAgent;
}

export interface CrateSoftware {
  readonly id: string;
  readonly name: string;
  readonly version?: string;
  readonly url?: string;
  /** Its file. */
  readonly code?: CrateFile;
}

/** `slot`: under which parameter of the workflow (or the tool) it was given or made. */
export type CrateData =
  | ({ readonly kind: 'FILE'; readonly slot?: string } & CrateFile)
  | ({ readonly kind: 'REFERENCE'; readonly slot?: string } & CrateReference)
  | { readonly kind: 'VALUE'; readonly slot: string; readonly value: string | number | boolean | object };

/** In the crate. */
export interface CrateFile {
  /** Relative, with `/`; nothing of it leads out of the crate. */
  readonly path: string;
  readonly name?: string;
  readonly description?: string;
  readonly mediaType?: string;
  readonly bytes?: number;
  /** Of the content, in hex. */
  readonly sha256?: string;
  /** What it was called when it was run, if not by its path here. */
  readonly originalName?: string;
}

/** Not in the crate: gone, or not this reader's; `description` says why, where somebody knows. */
export interface CrateReference {
  readonly iri: string;
  readonly name?: string;
  readonly description?: string;
  readonly mediaType?: string;
  readonly bytes?: number;
  readonly sha256?: string;
}
