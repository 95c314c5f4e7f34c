import { graphqlEnum, UserErrorType } from '@weft/subgraph';
import { Field, InputType, Int, ObjectType } from 'type-graphql';
import type { Checked, Notation, ReadNotation, ToldViolation } from '../domain/prov-document.js';

const PROV_JSON = 'JSON after the W3C member submission, as ProvToolbox and the `prov` library write it.';
const PROV_N = 'The notation for people, https://www.w3.org/TR/prov-n/.';
export const ReadNotationEnum = graphqlEnum<ReadNotation>(
  'ReadProvNotation',
  'A notation of W3C PROV that can be read.',
  { PROV_JSON, PROV_N },
);

export const NotationEnum = graphqlEnum<Notation>('ProvNotation', 'A notation of W3C PROV.', {
  PROV_JSON,
  PROV_N,
  TURTLE:
    'RDF with the terms of PROV-O, https://www.w3.org/TR/prov-o/, in one graph: bundles are named, but which of them states what is not told.',
  TRIG: 'The same, with each bundle as a named graph, https://www.w3.org/TR/trig/.',
});

@InputType({ description: 'A document of W3C PROV.' })
export class ProvDocumentInput {
  @Field(() => String, { description: 'The document, at most 1 MB of UTF-8.' })
  text!: string;

  @Field(() => ReadNotationEnum, { description: 'How it is written.' })
  notation!: ReadNotation;
}

@ObjectType('ProvViolation', {
  description: 'A constraint of PROV-CONSTRAINTS (https://www.w3.org/TR/prov-constraints/) that is broken.',
})
export class ProvViolationType implements ToldViolation {
  @Field(() => Int, { description: 'The number of the constraint, 22 to 56.' })
  constraint!: ToldViolation['constraint'];

  @Field(() => String, { description: 'Its name, e.g. `unique-generation`.' })
  name!: string;

  @Field(() => [Int], {
    description: 'All constraints that cannot hold together: of an order that leads in a circle several.',
  })
  because!: ToldViolation['constraint'][];

  @Field(() => String, { description: 'What is wrong, in words, with the names at fault.' })
  message!: string;

  @Field(() => String, {
    nullable: true,
    description: 'IRI of the bundle that states it; null for what the document itself states.',
  })
  bundle!: string | null;

  @Field(() => [String], { description: 'The first 20 statements that cannot all be true, in PROV-N.' })
  statements!: string[];

  @Field(() => Int, { description: 'How many statements there are at fault.' })
  statementCount!: number;
}

@ObjectType('ProvDocument', { description: 'A document of W3C PROV that was read.' })
export class ProvDocumentType implements Checked {
  /** What was given, for the fields that read it again. */
  given!: ProvDocumentInput;

  @Field(() => Int, { description: 'How many different statements it has, those of its bundles too.' })
  statementCount!: number;

  @Field(() => Int, { description: 'How many bundles it has.' })
  bundleCount!: number;

  @Field(() => Int, { description: 'How many violations were found; 0: it is valid.' })
  violationCount!: number;

  @Field(() => [ProvViolationType], {
    description: 'What contradicts PROV-CONSTRAINTS, at most 100. Each bundle stands for itself.',
  })
  violations!: ProvViolationType[];
}

@ObjectType('ProvDocumentPayload', { description: 'A document that was read, or why it was not.' })
export class ProvDocumentPayload {
  @Field(() => ProvDocumentType, { nullable: true, description: 'The document; null when it was refused.' })
  document!: ProvDocumentType | null;

  @Field(() => [UserErrorType], {
    description:
      'Why it was refused: `PROV_MALFORMED` with the place, `PROV_TOO_EXPENSIVE`, `PAYLOAD_TOO_LARGE`.',
  })
  userErrors!: UserErrorType[];
}
