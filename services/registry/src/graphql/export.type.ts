import { encodeCursor } from '@weft/database';
import { graphqlEnum, PageInfoType, UserErrorType } from '@weft/subgraph';
import { GraphQLJSON } from 'graphql-scalars';
import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { LineageDirection } from '../application/lineage-reach.js';
import type { Exported, ValidityReport } from '../application/export-provenance.js';
import type { Notation } from '../domain/prov-document.js';
import type { RunCrate } from '../domain/run-crate.js';
import { ArtifactType } from './foreign.type.js';
import { NotationEnum, ProvViolationType } from './prov-document.type.js';

export const ExportDirectionEnum = graphqlEnum<LineageDirection>(
  'ProvenanceDirection',
  'Which way lineage is followed.',
  {
    UPSTREAM: 'To what it came from.',
    DOWNSTREAM: 'To what came of it.',
    BOTH: 'Both ways from where it starts, not down again from what is above it.',
  },
);

export const DEFAULT_DEPTH = 2;

@InputType({ description: 'Of what the lineage is wanted, how far, and how it is written.' })
export class ExportProvenanceInput {
  @Field(() => ID, {
    description: 'Id of the item, activity or agent, or the pid of an item in any way to write it.',
  })
  id!: string;

  @Field(() => ExportDirectionEnum, { description: 'Which way.' })
  direction!: LineageDirection;

  @Field(() => Int, { nullable: true, defaultValue: DEFAULT_DEPTH, description: 'How many hops, 1 to 10.' })
  depth?: number | null;

  @Field(() => NotationEnum, { description: 'How it is written.' })
  notation!: Notation;
}

@ArgsType()
export class RunArgs {
  @Field(() => ID, { nullable: true, description: 'Id of the job; this, or `activityId`.' })
  jobId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Id of the activity of a job, or id or pid of a registered model run; this, or `jobId`.',
  })
  activityId?: string | null;
}

@ArgsType()
export class ViolationArgs {
  @Field(() => Int, {
    nullable: true,
    defaultValue: 100,
    description: 'How many violations at most, 1 to 100.',
  })
  first?: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Cursor after which to go on: an earlier page of the same report. Each page is judged anew, so what was recorded in between may be missing or shift.',
  })
  after?: string | null;
}

const TRUNCATED =
  'Whether there is more that the caller may read than the 10 000 things and relations that are told; ask for a smaller depth, or a smaller page.';

@ObjectType('ProvenanceExport', { description: 'Lineage as a document of W3C PROV.' })
export class ProvenanceExportType implements Exported {
  @Field(() => String, {
    description:
      'The document. Each record that the caller may read is a bundle, those of jobs too; what the registry says itself stands in the document. What the caller may not read is left out, with every statement that speaks of it.',
  })
  document!: string;

  @Field(() => NotationEnum, { description: 'How it is written.' })
  notation!: Notation;

  @Field(() => Int, { description: 'How many statements it has, with what bundles repeat.' })
  statementCount!: number;

  @Field(() => Boolean, { description: TRUNCATED })
  truncated!: boolean;
}

@ObjectType('ExportProvenancePayload', { description: 'A document, or why there is none.' })
export class ExportProvenancePayload {
  @Field(() => ProvenanceExportType, {
    nullable: true,
    description: 'The document; null when it was refused.',
  })
  export!: ProvenanceExportType | null;

  @Field(() => [UserErrorType], {
    description: 'Why it was refused: `NOT_FOUND`, `BAD_USER_INPUT`, `PROV_TOO_EXPENSIVE`.',
  })
  userErrors!: UserErrorType[];
}

@ObjectType('ValidityReport', {
  description: 'What in a lineage contradicts PROV-CONSTRAINTS, by what the caller may read of it.',
})
export class ValidityReportType implements Omit<ValidityReport, 'page'> {
  @Field(() => Int, { description: 'How many different statements were judged.' })
  statementCount!: number;

  /** All is judged together, so there are none. */
  bundleCount!: number;

  @Field(() => Int, {
    description:
      'How many violations were found; 0: it is valid. Of orders that lead in a circle the first 100 are looked for.',
  })
  violationCount!: number;

  @Field(() => [ProvViolationType], {
    description:
      'The violations of this page. All records are taken together, so that what two of them say of one thing is compared.',
  })
  violations!: ProvViolationType[];

  @Field(() => PageInfoType, { description: 'Where the page of violations ends.' })
  pageInfo!: PageInfoType;

  @Field(() => Boolean, { description: TRUNCATED })
  truncated!: boolean;
}

/** A cursor is the place of a violation among all. */
export function presentReport({ page, ...report }: ValidityReport): ValidityReportType {
  const violations = report.violations as ProvViolationType[];
  const end = page.from + violations.length;
  const cursor = (place: number): string | null => (violations.length === 0 ? null : encodeCursor([place]));
  return {
    ...report,
    violations,
    pageInfo: {
      hasNextPage: end < report.violationCount,
      hasPreviousPage: page.from > 0,
      startCursor: cursor(page.from),
      endCursor: cursor(end - 1),
    },
  };
}

@ObjectType('ValidityReportPayload', { description: 'A verdict, or why there is none.' })
export class ValidityReportPayload {
  @Field(() => ValidityReportType, { nullable: true, description: 'The verdict; null when it was refused.' })
  report!: ValidityReportType | null;

  @Field(() => [UserErrorType], {
    description: 'Why it was refused: `NOT_FOUND`, `BAD_USER_INPUT`, `PROV_TOO_EXPENSIVE`.',
  })
  userErrors!: UserErrorType[];
}

@ObjectType('RoCrateFile', { description: 'A file that belongs into a crate.' })
export class RoCrateFileType {
  @Field(() => String, { description: 'Its path in the crate.' })
  path!: string;

  @Field(() => String, { nullable: true, description: 'Name for people.' })
  name!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'SHA-256 of its content in hex; null where nobody told it.',
  })
  sha256!: string | null;

  @Field(() => ArtifactType, {
    nullable: true,
    description:
      'Where it is stored: its size, and a signed URL to fetch it. Null where it is gone, or you may not have it.',
  })
  artifact!: ArtifactType;
}

@ObjectType('RoCrate', {
  description:
    'A run as a Workflow-Run RO-Crate (Process Run Crate 0.5): an archive of `ro-crate-metadata.json` and of the files, each under its path.',
})
export class RoCrateType {
  @Field(() => GraphQLJSON, { description: 'The content of `ro-crate-metadata.json`.' })
  metadata!: RunCrate['metadata'];

  @Field(() => [RoCrateFileType], { description: 'What else belongs into the crate.' })
  files!: RoCrateFileType[];
}

export const presentCrate = ({ metadata, files }: RunCrate): RoCrateType => ({
  metadata,
  files: files.map(({ path, name, sha256, artifactId }) => ({
    path,
    name: name ?? null,
    sha256: sha256 ?? null,
    artifact: { id: artifactId },
  })),
});
