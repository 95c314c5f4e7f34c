import { describe, expect, it } from 'vitest';
import { readProvJson } from './read-prov-json.js';
import { readProvN } from './read-prov-n.js';
import { instantOf, readTime } from './times.js';

describe('a time of xsd:dateTime', () => {
  it.each([
    ['2026-03-31T12:00:00', '2026-03-31T12:00:00.000'],
    ['2026-03-31T12:00:00.1234500+14:00', '2026-03-30T22:00:00.12345'],
    ['2026-03-31T12:00:00.5-14:00', '2026-04-01T02:00:00.500'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000'],
    ['2026-12-31T24:00:00Z', '2027-01-01T00:00:00.000'],
    ['2026-12-31T24:00:00.000Z', '2027-01-01T00:00:00.000'],
    ['9999-12-31T23:59:59-01:00', '10000-01-01T00:59:59.000'],
    ['12024-02-29T00:00:00Z', '12024-02-29T00:00:00.000'],
    ['123456789-01-01T00:00:00Z', '123456789-01-01T00:00:00.000'],
    ['-0044-03-15T12:00:00Z', '-0044-03-15T12:00:00.000'],
    ['0000-01-01T00:00:00+01:00', '-0001-12-31T23:00:00.000'],
    ['0001-01-01T00:00:00+01:00', '0000-12-31T23:00:00.000'],
  ])('%s is %s in UTC', (text, instant) => {
    expect(instantOf(readTime(text) ?? '')).toBe(instant);
  });

  it.each([
    ...['2026-02-30T00:00:00Z', '2025-02-29T00:00:00Z', '1900-02-29T00:00:00Z', '2026-04-31T00:00:00Z'],
    ...['2026-13-01T00:00:00Z', '2026-00-01T00:00:00Z', '2026-01-00T00:00:00Z', '2026-01-32T00:00:00Z'],
    ...['2026-01-01T24:00:01Z', '2026-01-01T24:00:00.001Z', '2026-01-01T23:60:00Z', '2026-01-01T23:59:60Z'],
    ...[
      '2026-01-01T00:00:00+14:01',
      '2026-01-01T00:00:00+15:00',
      '2026-01-01T00:00:00+01',
      '02026-01-01T00:00:00Z',
    ],
    ...['2026-01-01 00:00:00Z', '2026-01-01t00:00:00z', '2026-01-01T00:00Z', '+2026-01-01T00:00:00Z', ''],
  ])('"%s" is none', (text) => {
    expect(readTime(text)).toBeUndefined();
  });

  it('that is none is refused in both notations, where it stands', () => {
    const time = '2026-02-30T00:00:00Z';
    const json = { prefix: { ex: 'http://example.org/' }, activity: { 'ex:a': { 'prov:startTime': time } } };
    expect(() => readProvJson(JSON.stringify(json))).toThrow(/ex:a.*xsd:dateTime/);
    expect(() =>
      readProvN(`document\nprefix ex <http://example.org/>\nactivity(ex:a, ${time}, -)\nendDocument`),
    ).toThrow(/xsd:dateTime/);
  });
});
