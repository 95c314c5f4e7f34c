import { outcomeOf, refuse, type Outcome, type UserError } from '@weft/errors';
import { schemaOf, currentSchema } from '../domain/item-types/index.js';
import type { RegisteredSubtype } from '../domain/node.js';
import { principalsOf } from '../domain/principal.js';
import { judgedContent, type Metadata } from './item-content.js';
import type { Caller, ItemPorts } from './item-ports.js';

export interface CheckItemMetadataInput {
  readonly subtype: RegisteredSubtype;
  readonly schemaVersion?: number | null;
  readonly metadata: Metadata;
}

/** Tries metadata as createItem would judge it, and writes nothing. */
export const checkItemMetadata =
  (ports: ItemPorts) =>
  ({ actor }: Caller, input: CheckItemMetadataInput): Promise<Outcome<readonly UserError[]>> =>
    outcomeOf(() =>
      ports.transact(async (tx) => {
        const { subtype, metadata } = input;
        const schemaVersion = input.schemaVersion ?? currentSchema(subtype).version;
        if (schemaOf(subtype, schemaVersion) === undefined)
          refuse(
            'BAD_USER_INPUT',
            `The type ${subtype} has no schema of version ${schemaVersion}.`,
            'input',
            'schemaVersion',
          );
        const given = { name: null, tags: [], metadata, schemaVersion };
        return (await judgedContent(tx, principalsOf(actor), subtype, given)).problems;
      }),
    );
