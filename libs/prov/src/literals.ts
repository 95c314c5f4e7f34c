// What a literal says, apart from how it is written: two writers of one value differ in zeros, signs and offsets.
import { PROV, RDF, XSD } from './terms.js';
import { instantOf, readTime, withoutLastZeros } from './times.js';

export const STRING = `${XSD}string`;
export const LANGUAGE_TEXT = `${RDF}langString`;

/** Types of values that are names, as different writers call them. */
export const NAME_TYPES: readonly string[] = [`${PROV}QUALIFIED_NAME`, `${XSD}QName`];

/** Texts of a language, as different writers call them; one without a language is a string. */
const LANGUAGE_TYPES: readonly string[] = [LANGUAGE_TEXT, `${PROV}InternationalizedString`];

/** The type of a literal that names none of its own language. */
export const plainType = (datatype: string): string =>
  LANGUAGE_TYPES.includes(datatype) ? STRING : datatype;

const INTEGERS = [
  'int', 'integer', 'long', 'short', 'byte', 'unsignedInt', 'unsignedLong', 'unsignedShort', 'unsignedByte',
  'nonNegativeInteger', 'nonPositiveInteger', 'positiveInteger', 'negativeInteger', 'decimal',
].map((name) => XSD + name); // prettier-ignore
const REALS = ['double', 'float'].map((name) => XSD + name);
const DECIMAL = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))$/;
const REAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The one writing of all texts that are the same value of this type; a text that is none stays as it is. */
export function sameText(text: string, datatype: string): string {
  const trimmed = text.trim();
  if (INTEGERS.includes(datatype)) return decimalText(trimmed) ?? text;
  if (REALS.includes(datatype)) return REAL.test(trimmed) ? String(Number(trimmed)) : text;
  if (datatype === `${XSD}boolean`) return trimmed === '1' ? 'true' : trimmed === '0' ? 'false' : text;
  // Without an offset it is another value than with any.
  if (datatype === `${XSD}dateTime` && readTime(trimmed) === trimmed) return `${instantOf(trimmed)}Z`;
  return text;
}

function decimalText(text: string): string | undefined {
  const [whole, sign, units = '', behind, alone = ''] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const fraction = withoutLastZeros(behind ?? alone);
  const digits = (units.replace(/^0+/, '') || '0') + (fraction === '' ? '' : `.${fraction}`);
  return sign === '-' && digits !== '0' ? `-${digits}` : digits;
}
