// Every document of the interoperability suite comes out of the registry as it went in, whole and bundle by bundle.
import { readdirSync, readFileSync } from 'node:fs';
import { difference, readProvJson, readProvN } from '@weft/prov';
import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registryDatabase } from '../context.js';
import { exchangeSteps, type ExchangeSteps } from '../testing/exchange.js';

const CASES = new URL('../../../../libs/prov/cases/', import.meta.url);
const same = { onlyOne: [], onlyOther: [] };
const read = (name: string): string => readFileSync(new URL(name, CASES), 'utf8');
const documents = ['', 'own/'].flatMap((folder) =>
  readdirSync(new URL(folder, CASES))
    .filter((name) => /\.(json|provn)$/.test(name))
    .map((name) => folder + name),
);

let steps: ExchangeSteps;
beforeAll(async () => {
  steps = await exchangeSteps(await testDatabase(registryDatabase));
});
afterAll(() => steps.close());

describe('the documents of the interoperability suite', () => {
  it('has all of them', () => expect(documents.length).toBeGreaterThan(120));

  it.each(documents)('%s comes out as it went in', async (name) => {
    const text = read(name);
    const isJson = name.endsWith('.json');
    const given = isJson ? readProvJson(text) : readProvN(text);
    const record = await steps.imported(text, {
      notation: isJson ? 'PROV_JSON' : 'PROV_N',
      name,
      allowInvalid: true,
    });
    expect(difference(given, readProvJson(record.document))).toEqual(same);
    const { record: again } = await steps.ask.data<{ record: { document: string } }>(
      'query ($id: ID!) { record(id: $id) { document(notation: PROV_N) } }',
      { id: record.id },
    );
    expect(difference(given, readProvN(again.document))).toEqual(same);
    // Each bundle is a record of its own, and says what it said.
    expect(record.bundles.edges.length).toBe(given.bundles.length);
    for (const { node } of record.bundles.edges) {
      const bundle = given.bundles.find((one) => one.id === node.bundle);
      expect(difference({ bundles: [], ...bundle } as typeof given, readProvJson(node.document))).toEqual(
        same,
      );
    }
  });
});
