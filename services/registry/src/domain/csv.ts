// CSV after RFC 4180, as spreadsheets read and write it.
import { AppError } from '@weft/errors';
import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';

/** Characters with which a spreadsheet begins to compute instead of to show. */
const FORMULA = /^'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/u;

/** As text: an apostrophe before what would be a formula. {@link unguarded} takes it off again. */
const guarded = (cell: string): string => (FORMULA.test(cell) ? `'${cell}` : cell);
const unguarded = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;

/**
 * The rows of a text, as wide as the first one, blank ones as rows without cells; a mark at its beginning and any line ends
 * are taken. Half of a surrogate pair becomes U+0000. Row numbers are a spreadsheet's, from 1.
 * @throws AppError CSV_MALFORMED with the row and the column.
 */
export function readCsv(text: string): string[][] {
  const rows = parsed(text)
    .map((row) => row.map(unguarded))
    .map((row) => (row.every((cell) => cell.trim() === '') ? [] : row));
  const width = rows[0]?.length ?? 0;
  for (const [at, row] of rows.entries())
    if (row.length !== width && row.length > 0)
      throw new AppError(
        'CSV_MALFORMED',
        `Row ${at + 1} has ${row.length} columns, the header ${width}. Put cells with commas or line ends into quotes.`,
      );
  return rows;
}

function parsed(text: string): string[][] {
  try {
    // The parser would write something else for half of a surrogate pair; what stands for it cannot be stored either.
    return parse(text.replaceAll(/\p{Cs}/gu, '\0'), {
      bom: true,
      relax_column_count: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines, column, records } = error as CsvError & Partial<Record<string, number>>;
    const place = [`row ${(records ?? 0) + 1}`, `line ${lines ?? '?'}`, `column ${Number(column ?? 0) + 1}`];
    throw new AppError('CSV_MALFORMED', `In ${place.join(', ')}: ${error.message}`);
  }
}

export const writeCsv = (rows: readonly (readonly string[])[]): string =>
  stringify(
    rows.map((row) => row.map(guarded)),
    // A line end of another sort than ours is one, too.
    { record_delimiter: 'windows', quoted_match: /[\r\n]/ },
  );
