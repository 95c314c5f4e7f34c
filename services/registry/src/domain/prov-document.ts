import { AppError, done, refused, userError, type Outcome } from '@weft/errors';
import {
  CONSTRAINTS,
  readProvJson,
  readProvN,
  statementLines,
  statementsOf,
  violationsOf,
  writeProvJson,
  writeProvN,
  writeTrig,
  writeTurtle,
  type Constraint,
  type ProvDocument,
  type Violation,
} from '@weft/prov';

/** In which a document can be read. */
export type ReadNotation = 'PROV_JSON' | 'PROV_N';
/** In which a document can be written. */
export type Notation = ReadNotation | 'TURTLE' | 'TRIG';

/** The longest document that is read, in bytes of UTF-8. */
export const LONGEST_DOCUMENT = 1_000_000;

/** Which violations are told, in the order in which they are found: the same for the same document. */
export interface ViolationPage {
  readonly first: number;
  /** How many are passed over. */
  readonly from: number;
}

const FIRST_PAGE: ViolationPage = { first: 100, from: 0 };
const STATEMENTS_TOLD = 20;

export type { ProvDocument };

export interface ToldViolation {
  readonly constraint: Constraint;
  readonly name: string;
  readonly because: readonly Constraint[];
  readonly message: string;
  readonly bundle: string | null;
  /** In PROV-N; {@link statementCount} says how many there are. */
  readonly statements: readonly string[];
  readonly statementCount: number;
}

export interface Checked {
  readonly statementCount: number;
  readonly bundleCount: number;
  readonly violationCount: number;
  readonly violations: readonly ToldViolation[];
}

export function checkDocument(text: string, notation: ReadNotation): Outcome<Checked> {
  const read = readDocument(text, notation);
  return read.ok ? done(judgedDocument(read.value)) : read;
}

export function judgedDocument(document: ProvDocument, page = FIRST_PAGE): Checked {
  const violations = violationsOf(document);
  return {
    statementCount: statementsOf(document).size - document.bundles.length,
    bundleCount: document.bundles.length,
    violationCount: violations.length,
    violations: toldViolations(document, violations, page),
  };
}

/** A page of them, in words. */
export const toldViolations = (
  document: ProvDocument,
  violations: readonly Violation[],
  { first, from } = FIRST_PAGE,
): ToldViolation[] =>
  violations.slice(from, from + first).map((one) => {
    const { namespaces } = document.bundles.find(({ id }) => id === one.bundle) ?? document;
    const statements = one.statements.slice(0, STATEMENTS_TOLD);
    return {
      constraint: one.constraint,
      name: CONSTRAINTS[one.constraint],
      because: [...new Set(one.because)],
      message: one.message,
      bundle: one.bundle ?? null,
      statements: statementLines({ namespaces, statements }),
      statementCount: one.statements.length,
    };
  });

/** A text that is kept, in another notation. */
export function rewriteDocument(
  text: string,
  notation: ReadNotation,
  as: Notation,
  bundle: string | null,
): Outcome<string> {
  const kept = keptDocument(text, notation, bundle);
  return kept.ok ? done(writeDocument(kept.value, as)) : kept;
}

/** The verdict on the very document that {@link rewriteDocument} writes. */
export function judgedText(
  text: string,
  notation: ReadNotation,
  bundle: string | null,
  page: ViolationPage,
): Outcome<Checked> {
  const kept = keptDocument(text, notation, bundle);
  return kept.ok ? done(judgedDocument(kept.value, page)) : kept;
}

/**
 * A text that was read before, also one of before repeated members were refused.
 * @param bundle only what this bundle states, as a document of its own.
 */
function keptDocument(text: string, notation: ReadNotation, bundle: string | null): Outcome<ProvDocument> {
  const read = readDocument(text, notation, 'LAST');
  if (!read.ok || bundle === null) return read;
  const held = read.value.bundles.find(({ id }) => id === bundle);
  if (held === undefined) throw new Error(`the document has no bundle ${bundle}`);
  return done({ ...held, bundles: [] });
}

export const writeDocument = (document: ProvDocument, as: Notation): string => WRITERS[as](document);

const WRITERS: Readonly<Record<Notation, (document: ProvDocument) => string>> = {
  PROV_JSON: (document) => JSON.stringify(writeProvJson(document), null, 2),
  PROV_N: writeProvN,
  TURTLE: writeTurtle,
  TRIG: writeTrig,
};

export function readDocument(
  text: string,
  notation: ReadNotation,
  repeated: 'REFUSED' | 'LAST' = 'REFUSED',
): Outcome<ProvDocument> {
  if (Buffer.byteLength(text) > LONGEST_DOCUMENT)
    return refused(
      userError(
        'PAYLOAD_TOO_LARGE',
        `A document has at most ${LONGEST_DOCUMENT / 1_000_000} MB. Divide it, for example by its bundles.`,
        'input',
        'text',
      ),
    );
  try {
    return done(notation === 'PROV_N' ? readProvN(text) : readProvJson(text, repeated));
  } catch (error) {
    if (error instanceof AppError && error.code === 'PROV_MALFORMED')
      return refused(userError(error.code, error.message, 'input', 'text'));
    throw error;
  }
}
