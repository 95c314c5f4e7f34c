import { accepted, outcomeOf, refuse, type Outcome } from '@weft/errors';
import type { ImportedDocument } from '../domain/imported-document.js';
import { MAX_NAME } from '../domain/item.js';
import type { ReadNotation } from '../domain/prov-document.js';
import { identity } from '../domain/statement.js';
import { placedThings, recordsOf, recordsThemselves } from './imported-statements.js';
import type { ImportKey, ImportPorts } from './import-ports.js';
import type { Caller } from './item-ports.js';
import { ownerOrganization, writerOf } from './item-rights.js';
import type { DocumentDesk } from './ports.js';
import { requireKey } from './request-key.js';

export interface ImportInput {
  readonly organizationId?: string | null;
  readonly text: string;
  readonly notation: ReadNotation;
  readonly name: string;
  readonly allowInvalid?: boolean | null;
  readonly idempotencyKey?: string | null;
}

export interface Imported {
  readonly recordId: string;
  /** The organization had imported this very text before: this is the record of then. */
  readonly repeated: boolean;
}

export type ImportProvenance = (caller: Caller, input: ImportInput) => Promise<Outcome<Imported>>;

/** Lodges a document of others as a record of the organization, each bundle of it as one more. */
export const importProvenance =
  (ports: ImportPorts, desk: Pick<DocumentDesk, 'read'>): ImportProvenance =>
  (caller, input) =>
    outcomeOf(async () => {
      const writer = writerOf(caller);
      const organizationId = ownerOrganization(writer, input.organizationId, 'input', 'organizationId');
      const name = nameOf(input.name);
      const key = keyOf(organizationId, input.idempotencyKey);
      const { text, notation } = input;
      const document = accepted(await desk.read(writer.userId, text, notation));
      requireValid(document, input.allowInvalid === true);
      const sha256 = ports.sha256(text);
      const story = { organizationId, name, sha256, text, notation, writer, document };
      return ports.transact(async (tx) => {
        const recordId = ports.idOf(identity.importedRecord(organizationId, sha256, null));
        const used = await tx.take(recordId, key);
        if (used !== undefined && used !== recordId)
          refuse(
            'IDEMPOTENCY_CONFLICT',
            'This key was used for another document; choose a new key for a new one.',
            'input',
            'idempotencyKey',
          );
        if (used === undefined && key !== undefined) await tx.keepKey(key, recordId);
        await tx.shareStatements();
        const there = await tx.recordThere(recordId);
        if (there === 'WITHDRAWN')
          refuse(
            'CONFLICT',
            `This document was imported and withdrawn: the record ${recordId} says why. What is to be imported instead has another text.`,
            'input',
            'text',
          );
        if (there === 'STANDING') return { recordId, repeated: true };
        const things = await placedThings(ports, tx, story);
        const records = recordsOf(ports.idOf, story, things);
        const said = recordsThemselves(ports.idOf, story, records);
        await tx.writeNodes([...things.flatMap(({ node }) => node ?? []), ...said.nodes]);
        await tx.writeEdges(said.edges, organizationId);
        await tx.lodge(records);
        return { recordId, repeated: false };
      });
    });

function nameOf(given: string): string {
  const name = given.trim();
  if (name.length < 1 || name.length > MAX_NAME || /\p{Cc}/u.test(name))
    refuse('BAD_USER_INPUT', `The name has 1 to ${MAX_NAME} characters, none of control.`, 'input', 'name');
  return name;
}

function keyOf(organizationId: string, key: string | null | undefined): ImportKey | undefined {
  if (key === null || key === undefined) return undefined;
  requireKey(key);
  return { organizationId, key };
}

function requireValid({ violationCount, firstViolation }: ImportedDocument, allowInvalid: boolean): void {
  if (firstViolation === null || allowInvalid) return;
  const { constraint, name, message, bundle } = firstViolation;
  const where = bundle === null ? '' : ` in the bundle ${bundle}`;
  refuse(
    'PROV_INVALID',
    `The document contradicts PROV-CONSTRAINTS ${violationCount} times, first number ${constraint} (${name})${where}: ${message}. provDocument tells all; with allowInvalid it is imported as it is.`,
    'input',
    'text',
  );
}
