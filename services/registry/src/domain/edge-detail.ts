/** What a record knows of a relation beyond its ends and role, as far as its kind of statement has it. */
export interface EdgeDetail {
  /** `xsd:dateTime`. */
  readonly time?: string;
  /** Public id of the activity that a derivation or a delegation was part of. */
  readonly activity?: string;
  /** Public id of the plan that an association followed. */
  readonly plan?: string;
  /** Why, of a new version. */
  readonly reason?: string;
  /** IRI of the statement itself, and of the statements that a derivation names. */
  readonly id?: string;
  readonly generation?: string;
  readonly usage?: string;
  /** Of a mention: IRI of the bundle that describes what is mentioned. */
  readonly mentionedIn?: string;
  /** What an imported statement says more; the role is among them. */
  readonly attributes?: readonly EdgeAttribute[];
  /** Further statements of the same relation, of the same record. */
  readonly others?: readonly EdgeDetail[];
}

export interface EdgeAttribute {
  readonly name: string;
  readonly value:
    | { readonly iri: string }
    | { readonly text: string; readonly datatype: string; readonly language?: string };
}

/** All statements that a record makes of one relation. */
export const detailsOf = (detail: EdgeDetail | null): readonly EdgeDetail[] => {
  const { others = [], ...first } = detail ?? {};
  return [first, ...others];
};
