// Documents that come in and go out, said briefly. For tests.
import type { Database } from '@weft/database';
import type { Actor } from '@weft/identity';
import { createDocumentDesk } from '../document-desk.js';
import { askerOf, type Asker } from './ask.js';
import { ADA, type Refused } from './item-steps.js';
import { ACME } from './finished-jobs.js';

export interface ShownRecord {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly statementCount: number;
  readonly document: string;
  readonly bundle: string | null;
  readonly bundles: { readonly edges: readonly { readonly node: ShownRecord }[] };
}

export interface ImportAnswer {
  readonly record: ShownRecord | null;
  readonly repeated: boolean | null;
  readonly userErrors: readonly Refused[];
}

export interface ExportAnswer {
  readonly export: {
    readonly document: string;
    readonly statementCount: number;
    readonly truncated: boolean;
  } | null;
  readonly userErrors: readonly Refused[];
}

const RECORD = `id kind name statementCount bundle document(notation: PROV_JSON)`;

export interface ExchangeSteps {
  readonly ask: Asker;
  import(text: string, more?: Record<string, unknown>, actor?: Actor): Promise<ImportAnswer>;
  /** The same, where it must be done. */
  imported(text: string, more?: Record<string, unknown>, actor?: Actor): Promise<ShownRecord>;
  export(id: string, more?: Record<string, unknown>, actor?: Actor): Promise<ExportAnswer>;
  exported(id: string, more?: Record<string, unknown>, actor?: Actor): Promise<string>;
  close(): Promise<void>;
}

export async function exchangeSteps(database: Database): Promise<ExchangeSteps> {
  const desk = createDocumentDesk();
  const ask = await askerOf(database, desk.documents);
  const steps: ExchangeSteps = {
    ask,
    async import(text, more = {}, actor = ADA) {
      const answer = await ask.data<{ importProvenance: ImportAnswer }>(
        `mutation ($input: ImportProvenanceInput!) { importProvenance(input: $input) {
          record { ${RECORD} bundles(first: 100) { edges { node { ${RECORD} } } } } repeated userErrors { code message path } } }`,
        { input: { organizationId: ACME, name: 'a document', notation: 'PROV_N', text, ...more } },
        actor,
      );
      return answer.importProvenance;
    },
    async imported(text, more, actor) {
      const { record, userErrors } = await steps.import(text, more, actor);
      if (record === null) throw new Error(`refused: ${JSON.stringify(userErrors)}`);
      return record;
    },
    async export(id, more = {}, actor = ADA) {
      const answer = await ask.data<{ exportProvenance: ExportAnswer }>(
        `query ($input: ExportProvenanceInput!) { exportProvenance(input: $input) {
          export { document statementCount truncated } userErrors { code message path } } }`,
        { input: { id, direction: 'BOTH', depth: 10, notation: 'PROV_JSON', ...more } },
        actor,
      );
      return answer.exportProvenance;
    },
    async exported(id, more, actor) {
      const answer = await steps.export(id, more, actor);
      if (answer.export === null) throw new Error(`refused: ${JSON.stringify(answer.userErrors)}`);
      return answer.export.document;
    },
    close: desk.close,
  };
  return steps;
}
