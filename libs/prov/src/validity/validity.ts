import type { ProvDocument, Statement } from '../document.js';
import { argumentsOf } from '../terms.js';
import type { Finding, Violation } from './constraints.js';
import { factsOf, NONE, type Fact, type Facts } from './facts.js';
import { impossibilityFindings } from './impossibilities.js';
import { mergeTerms } from './merged-terms.js';
import { orderingFindings } from './orderings.js';

/**
 * What in a document contradicts PROV-CONSTRAINTS (https://www.w3.org/TR/prov-constraints/): nothing, if it is valid. The
 * document's own statements and those of each bundle stand for themselves.
 */
export function violationsOf(document: ProvDocument): Violation[] {
  return [
    ...findingsOf(document.statements).map((finding) => ({ ...finding, bundle: undefined })),
    ...document.bundles.flatMap(({ id, statements }) =>
      findingsOf(statements).map((finding) => ({ ...finding, bundle: id })),
    ),
  ];
}

function findingsOf(statements: readonly Statement[]): Finding[] {
  const facts = withInfluences(factsOf(statements));
  const merged = mergeTerms(facts);
  return [
    ...merged.findings,
    ...impossibilityFindings(statements, facts, merged),
    ...orderingFindings(facts, merged),
  ];
}

/** Inference 15: every relation is an influence of the same id, and so what has one id has one influencer. */
function withInfluences(facts: Facts): Facts {
  const influences: Fact[] = [...(facts.get('wasInfluencedBy') ?? [])];
  const ids = new Set(influences.map(({ id }) => id));
  for (const { id } of facts.get('wasDerivedFrom') ?? []) ids.add(id);
  for (const [kind, all] of facts) {
    if (!INFLUENCES.includes(kind)) continue;
    const [influencee = '', influencer = ''] = argumentsOf(kind);
    for (const { id, args, from } of all)
      if (ids.has(id))
        influences.push({
          kind: 'wasInfluencedBy',
          id,
          args: { influencee: args[influencee] ?? NONE, influencer: args[influencer] ?? NONE },
          from,
        });
  }
  return new Map([...facts, ['wasInfluencedBy', influences]]);
}

const INFLUENCES = [
  'wasGeneratedBy', 'used', 'wasInformedBy', 'wasStartedBy', 'wasEndedBy', 'wasInvalidatedBy', 'wasDerivedFrom',
  'wasAttributedTo', 'wasAssociatedWith', 'actedOnBehalfOf',
]; // prettier-ignore
