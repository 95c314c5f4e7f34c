// Documentation that cannot rot: every GraphQL document in a page must be valid against the committed graph.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Supergraph } from '@apollo/federation-internals';
import { parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const schema = Supergraph.build(read('gateway/supergraph.graphql')).apiSchema().toGraphQLJSSchema();

/** Only what the graph really has may be told to a reader. */
const problemsOf = (document: string): string[] =>
  validate(schema, parse(document)).map((error) => error.message);

const documentsIn = (page: string): string[] =>
  [...read(page).matchAll(/^```graphql\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');

describe('GraphQL documents in README.md', () => {
  const documents = documentsIn('README.md');

  it('are found', () => expect(documents.length).toBeGreaterThanOrEqual(6));

  it.each(documents.map((document) => [document.trim().split('\n')[0], document]))(
    '%s',
    (_name, document) => {
      expect(problemsOf(document ?? '')).toEqual([]);
    },
  );

  it('would be refused if a field did not exist', () => {
    expect(problemsOf('{ job(id: "1") { nonsense } }')).toEqual([
      'Cannot query field "nonsense" on type "Job".',
    ]);
  });
});

describe('links in the pages', () => {
  it.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s leads to files that exist', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? '');
    for (const link of links) expect(() => read(join(link)), link).not.toThrow(/ENOENT/);
  });
});
