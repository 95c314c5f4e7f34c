import { presentUserErrors } from '@weft/subgraph';
import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { Notation } from '../domain/prov-document.js';
import { valueOf } from './export.resolver.js';
import {
  NotationEnum,
  ProvDocumentInput,
  ProvDocumentPayload,
  ProvDocumentType,
} from './prov-document.type.js';
import { assertMayRead } from './provenance.js';
import type { RegistryContext } from './registry-context.js';

@Resolver(() => ProvDocumentType)
export class ProvDocumentResolver {
  @Query(() => ProvDocumentPayload, {
    description:
      'Reads a document of W3C PROV, judges it by PROV-CONSTRAINTS and writes it in other notations. Nothing of it is stored.',
  })
  async provDocument(
    @Arg('input', () => ProvDocumentInput, { description: 'The document.' }) input: ProvDocumentInput,
    @Ctx() { actor, documents }: RegistryContext,
  ): Promise<ProvDocumentPayload> {
    assertMayRead(actor);
    const checked = await documents.check(actor.id, input.text, input.notation);
    return checked.ok
      ? { document: { ...checked.value, given: input } as ProvDocumentType, userErrors: [] }
      : { document: null, userErrors: presentUserErrors(checked.errors) };
  }

  @FieldResolver(() => String, {
    description: 'The document in a notation; in PROV-JSON and PROV-N it states what it stated before.',
  })
  async written(
    @Root() { given }: ProvDocumentType,
    @Arg('as', () => NotationEnum, { description: 'The notation.' }) as: Notation,
    @Ctx() { actor, documents }: RegistryContext,
  ): Promise<string> {
    return valueOf(await documents.rewrite(actor.id, given, as));
  }
}
