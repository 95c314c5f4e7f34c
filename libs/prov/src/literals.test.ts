import { expect, it } from 'vitest';
import { sameText } from './literals.js';
import { XSD } from './terms.js';

it.each([
  ['int', '007', '7', '+7'],
  ['integer', '-0', '0', '000'],
  ['decimal', '1.50', '1.5', '01.500'],
  ['decimal', '.5', '0.5', '+00.50'],
  ['decimal', '-2.', '-2', '-2.0'],
  ['double', '1.0', '1', '1e0'],
  ['float', '1.5E-10', '0.00000000015', '15e-11'],
  ['boolean', '1', 'true', 'true'],
  ['dateTime', '2012-11-16T17:05:00.5+01:00', '2012-11-16T16:05:00.500Z', '2012-11-16T16:05:00.50Z'],
])('of the type %s %s, %s and %s are one value', (type, ...texts) => {
  expect(new Set(texts.map((text) => sameText(text, XSD + type))).size).toBe(1);
});

it.each([
  ['string', '1', '1.0'],
  ['int', '1', '10'],
  ['int', '', '0'],
  ['decimal', '.', '0'],
  ['double', '1.0', '1.0f'],
  ['double', 'INF', '-INF'],
  ['boolean', 'true', 'false'],
  ['dateTime', '2012-11-16T16:05:00', '2012-11-16T16:05:00Z'],
])('of the type %s "%s" and "%s" are two', (type, one, other) => {
  expect(sameText(one, XSD + type)).not.toBe(sameText(other, XSD + type));
});

it('long texts of digits are compared at once', () => {
  for (const type of ['decimal', 'double', 'dateTime'])
    for (const end of ['x', '1', '0'])
      for (const begin of ['', '0.', '2012-11-16T16:05:00.'])
        sameText(`${begin}${'0'.repeat(1_000_000)}${end}`, XSD + type);
});
