import { testDatabase } from '@weft/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registryDatabase } from '../context.js';
import { createDocumentDesk } from '../document-desk.js';
import { askerOf, member, type Asker } from '../testing/ask.js';

const pool = createDocumentDesk();
const desk = pool.documents;
afterAll(pool.close);

let ask: Asker;
beforeAll(async () => {
  ask = await askerOf(await testDatabase(registryDatabase), desk);
});

const CHECK = `query ($input: ProvDocumentInput!) {
  provDocument(input: $input) {
    document {
      statementCount bundleCount violationCount
      violations { constraint name because message bundle statements statementCount }
      json: written(as: PROV_JSON) text: written(as: PROV_N) turtle: written(as: TURTLE) trig: written(as: TRIG)
    }
    userErrors { code message path }
  }
}`;

interface Answer {
  readonly provDocument: {
    readonly document: {
      readonly statementCount: number;
      readonly violationCount: number;
      readonly violations: readonly { readonly constraint: number; readonly statements: readonly string[] }[];
      readonly json: string;
      readonly text: string;
      readonly turtle: string;
      readonly trig: string;
    } | null;
    readonly userErrors: readonly {
      readonly code: string;
      readonly message: string;
      readonly path: string[];
    }[];
  };
}

const check = async (text: string, notation: string) =>
  (await ask.data<Answer>(CHECK, { input: { text, notation } })).provDocument;

const RUN = `document
  prefix ex <http://example.org/>
  entity(ex:out)
  used(ex:run, ex:in, 2026-01-01T10:00:00Z)
  wasGeneratedBy(ex:out, ex:run, -)
endDocument`;

describe('a PROV document of others', () => {
  it('is read, judged and written in every notation', async () => {
    const { document, userErrors } = await check(RUN, 'PROV_N');
    expect(userErrors).toEqual([]);
    expect(document).toMatchObject({ statementCount: 3, bundleCount: 0, violationCount: 0, violations: [] });
    expect(JSON.parse(document?.json ?? '')).toMatchObject({ entity: { 'ex:out': {} } });
    expect(document?.turtle).toContain('prov:qualifiedUsage');
    expect(document?.trig).toBe(document?.turtle);
    const again = await check(document?.json ?? '', 'PROV_JSON');
    expect(again.document?.text).toContain('used(ex:run, ex:in, 2026-01-01T10:00:00Z)');
  });

  it('is told which constraint it breaks, and by which statements', async () => {
    const text = RUN.replace('entity(ex:out)', 'activity(ex:out, -, -)\n  wasDerivedFrom(ex:out, ex:out)');
    const { document } = await check(text, 'PROV_N');
    expect(document?.violations.map(({ constraint }) => constraint)).toEqual([55, 42]);
    expect(document?.violations[0]).toMatchObject({
      name: 'entity-activity-disjoint',
      bundle: null,
      message: expect.stringContaining('http://example.org/out'),
    });
    expect(document?.violations[0]?.statements).toContain('activity(ex:out)');
  });

  it('is refused with its place, or for its size', async () => {
    const broken = await check('{"entity": {"ex:a": {}}}', 'PROV_JSON');
    expect(broken).toMatchObject({
      document: null,
      userErrors: [{ code: 'PROV_MALFORMED', path: ['input', 'text'] }],
    });
    expect(broken.userErrors[0]?.message).toMatch(/^\/entity\/ex:a: the prefix "ex" is not declared/);
    const large = await check(`document ${'/'.repeat(1_000_000)}\nendDocument`, 'PROV_N');
    expect(large.userErrors.map(({ code }) => code)).toEqual(['PAYLOAD_TOO_LARGE']);
  });

  it('needs the right to read', async () => {
    const nobody = member(undefined, []);
    expect(await ask.refusals(CHECK, { input: { text: RUN, notation: 'PROV_N' } }, nobody)).toEqual([
      'Reading needs a token with the scope "read".',
    ]);
  });
});
