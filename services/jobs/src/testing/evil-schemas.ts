// Schemas that ask for endless work, each in its own way, with a value that has it done.
interface EvilSchema {
  readonly name: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

const LEVELS = 40;

/** Each level asks for the next one twice: 2^40 visits of one value. */
const doubling = (keyword: 'anyOf' | 'oneOf' | 'allOf'): Record<string, unknown> => ({
  $ref: '#/$defs/d0',
  $defs: {
    ...Object.fromEntries(
      Array.from({ length: LEVELS }, (_, level) => {
        const next = { $ref: `#/$defs/d${level + 1}` };
        return [`d${level}`, { [keyword]: [next, next] }];
      }),
    ),
    [`d${LEVELS}`]: { type: keyword === 'allOf' ? 'number' : 'string' },
  },
});

const FIELDS = Object.fromEntries(
  Array.from({ length: 300 }, (_, n) => [`p${n}`, { type: 'string', minLength: 2, maxLength: 9 }]),
);

export const EVIL: readonly EvilSchema[] = [
  { name: 'a pattern that backtracks', schema: { pattern: '^(a+)+$' }, value: `${'a'.repeat(34)}!` },
  { name: 'choices within choices', schema: doubling('anyOf'), value: 1 },
  { name: 'exclusive choices within each other', schema: doubling('oneOf'), value: 1 },
  { name: 'demands within demands', schema: doubling('allOf'), value: 1 },
  {
    name: 'a thousand copies of a large part',
    schema: { $defs: { a: { properties: FIELDS } }, allOf: Array(500).fill({ $ref: '#/$defs/a' }) },
    value: 1,
  },
  {
    name: 'items that are all to differ',
    schema: { type: 'array', uniqueItems: true },
    value: Array.from({ length: 60_000 }, (_, n) => [n]),
  },
  {
    name: 'a large enumeration for many items',
    schema: { items: { enum: Array.from({ length: 6_000 }, (_, n) => [n]) } },
    value: Array(30_000).fill([5_999]),
  },
];
