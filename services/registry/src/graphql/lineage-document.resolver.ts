import { Arg, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { LineageAnswer } from '../application/lineage-answer.js';
import type { Notation } from '../domain/prov-document.js';
import { readerOf, valueOf } from './export.resolver.js';
import { ProvenanceExportType } from './export.type.js';
import { LineageConnectionType } from './lineage.type.js';
import { LineagePathType } from './lineage-path.type.js';
import { NotationEnum } from './prov-document.type.js';
import type { RegistryContext } from './registry-context.js';

/** What is on the screen, as a file. */
@Resolver(() => LineageConnectionType)
export class LineageDocumentResolver {
  @FieldResolver(() => ProvenanceExportType, {
    description:
      'This page as a document of W3C PROV: the start, the nodes of the page and the statements for which `links` stand, so the documents of all pages together state all of the answer. Stubs and links to them are left out. Who acted on behalf of whom in a job is stated where both agents are in the document. `truncated` is about the page; whether the walk was cut is told by `truncation`.',
  })
  async document(
    @Root() answer: LineageAnswer,
    @Arg('notation', () => NotationEnum, { description: 'How it is written.' }) notation: Notation,
    @Ctx() { actor, exchange }: RegistryContext,
  ): Promise<ProvenanceExportType> {
    return valueOf(await exchange.exportShown(readerOf(actor), await answer.shown(), notation));
  }
}

@Resolver(() => LineagePathType)
export class LineagePathDocumentResolver {
  @FieldResolver(() => ProvenanceExportType, {
    nullable: true,
    description:
      'The way as a document of W3C PROV: its nodes and the statements for which `links` stand; what is hidden is left out. Null when there is no way.',
  })
  async document(
    @Root() { shown }: LineagePathType,
    @Arg('notation', () => NotationEnum, { description: 'How it is written.' }) notation: Notation,
    @Ctx() { actor, exchange }: RegistryContext,
  ): Promise<ProvenanceExportType | null> {
    if (shown.keys.length === 0) return null;
    return valueOf(await exchange.exportShown(readerOf(actor), shown, notation));
  }
}
