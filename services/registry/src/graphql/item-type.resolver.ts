import { presentUserErrors } from '@weft/subgraph';
import { GraphQLJSON } from 'graphql-scalars';
import { Arg, Ctx, Field, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { itemTypeOf, type ItemSchema, type ItemType } from '../domain/item-types/index.js';
import { ALL_REGISTERED, type NodeKind, type RegisteredSubtype } from '../domain/node.js';
import { CheckMetadataInputType } from './item.input.js';
import { RegisteredSubtypeEnum, WrittenByEnum } from './item-enums.js';
import { MetadataCheckType } from './item.type.js';
import { assertMayRead } from './provenance.js';
import type { RegistryContext } from './registry-context.js';
import { ItemCategoryEnum } from './vocabulary.js';

@ObjectType('ItemReferencePlace', {
  description: 'A place of the metadata where another item is named by its id or pid.',
})
class ReferencePlaceType {
  @Field(() => String, { description: 'JSON Pointer in which `*` stands for each entry of a list.' })
  path!: string;
  @Field(() => [RegisteredSubtypeEnum], { description: 'What the item that is named may be.' })
  subtypes!: readonly RegisteredSubtype[];
  @Field(() => Boolean, { description: 'Whether metadata cannot be without it.' })
  required!: boolean;
}

@ObjectType('ItemSchema', {
  description: 'A version of the schema of a type; once published it is never edited.',
})
class ItemSchemaType {
  @Field(() => Int, { description: 'Number of the version, from 1.' })
  version!: number;
  @Field(() => GraphQLJSON, { description: 'JSON Schema (draft 2020-12) of the metadata.' })
  jsonSchema!: ItemSchema['jsonSchema'];
  @Field(() => GraphQLJSON, {
    description: 'How a form shows it, in the words of react-jsonschema-form (`uiSchema`).',
  })
  uiSchema!: ItemSchema['uiSchema'];
  @Field(() => [ReferencePlaceType], { description: 'Where it names other items.' })
  references!: readonly ReferencePlaceType[];
}

@ObjectType('ItemTypeInfo', { description: 'A type of what can be registered.' })
class ItemTypeInfo {
  @Field(() => RegisteredSubtypeEnum, { description: 'The type.' })
  subtype!: RegisteredSubtype;
  @Field(() => ItemCategoryEnum, { description: 'What its items are to provenance.' })
  category!: NodeKind;
  @Field(() => Boolean, { description: 'Whether its items have versions.' })
  versionable!: boolean;
  @Field(() => WrittenByEnum, { description: 'Who writes its items.' })
  writtenBy!: ItemType['writtenBy'];
  @Field(() => [ItemSchemaType], { description: 'All versions of its schema, the first first.' })
  schemas!: readonly ItemSchema[];
  @Field(() => ItemSchemaType, { description: 'The version that new items are judged by.' })
  currentSchema!: ItemSchema;
}

const infoOf = (subtype: RegisteredSubtype): ItemTypeInfo => {
  const type = itemTypeOf(subtype);
  return { ...type, currentSchema: type.schemas.at(-1) as ItemSchema };
};

@Resolver()
export class ItemTypeResolver {
  @Query(() => [ItemTypeInfo], { description: 'All types of what can be registered, with their schemas.' })
  itemTypes(@Ctx() { actor }: RegistryContext): ItemTypeInfo[] {
    assertMayRead(actor);
    return ALL_REGISTERED.map(infoOf);
  }

  @Query(() => ItemTypeInfo, { description: 'One type, with its schemas.' })
  itemType(
    @Arg('subtype', () => RegisteredSubtypeEnum, { description: 'The type.' }) subtype: RegisteredSubtype,
    @Ctx() { actor }: RegistryContext,
  ): ItemTypeInfo {
    assertMayRead(actor);
    return infoOf(subtype);
  }

  @Query(() => MetadataCheckType, {
    description:
      'Tries metadata as createItem would judge it, the items that it names too; nothing is written.',
  })
  async checkItemMetadata(
    @Arg('input', () => CheckMetadataInputType, { description: 'The metadata.' })
    input: CheckMetadataInputType,
    @Ctx() context: RegistryContext,
  ): Promise<MetadataCheckType> {
    assertMayRead(context.actor);
    const outcome = await context.itemCases.checkItemMetadata(context, input);
    const problems = outcome.ok ? outcome.value : outcome.errors;
    return { valid: problems.length === 0, userErrors: presentUserErrors(problems) };
  }
}
