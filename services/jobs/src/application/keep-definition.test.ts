import { randomBytes } from 'node:crypto';
import { Secret } from '@weft/config';
import { createSecretBox, newSecretsKey } from '@weft/secrets';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameContent } from '../domain/definition/definition.js';
import { draftOf, type CommandDraft, type DefinitionDraft } from '../domain/definition/draft.js';
import { keepDefinition, openCommandOf, type KeptDefinition } from './keep-definition.js';

const boxOf = (...keys: string[]) => createSecretBox(new Secret(keys.join(',')));
const [oldKey, newKey] = [newSecretsKey('1'), newSecretsKey('2')];
const secrets = boxOf(oldKey);
const webhooks = {
  policy: { allowHttp: false, allowPrivate: false },
  newKey: () => randomBytes(32),
};
const definition = { id: 'definition-1', organizationId: 'organization-1' };

const aDraft = (environment: CommandDraft['environment'], url: string | null = null): DefinitionDraft => ({
  name: 'deploy',
  description: '',
  inputs: null,
  template: {
    serviceVersionId: null,
    command: {
      command: 'make',
      startScript: null,
      workingDirectory: null,
      codeArtifactId: null,
      codeFileName: null,
      environment,
    },
    size: null,
    image: null,
    targetId: 'local-process',
    data: null,
    dataArtifactId: null,
    params: null,
    priority: 0,
    tags: [],
    maxAttempts: 1,
    timeoutSeconds: null,
    deadlineSeconds: null,
    concurrency: null,
    webhook: url === null ? null : { url, secret: null },
  },
});
const keep = (
  draft: DefinitionDraft,
  present?: KeptDefinition['content'],
  box = secrets,
  of = definition,
): KeptDefinition => {
  const outcome = keepDefinition({ secrets: box, webhooks }, of, draft, present);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.errors));
  return outcome.value;
};
const TOKEN = { name: 'TOKEN', value: 'hunter2-hunter2', secret: true };

const environments = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[A-V][A-Z0-9_]{0,8}$/),
    value: fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed() && !text.includes('\0')),
    secret: fc.boolean(),
  }),
  { selector: ({ name }) => name, maxLength: 12 },
);

describe('a definition that is kept', () => {
  it('starts with what was given, stays the same when that is given again, or not at all', () => {
    fc.assert(
      fc.property(environments, fc.boolean(), (environment, again) => {
        const draft = aDraft(environment, 'https://hooks.dev/x');
        const first = keep(draft).content;
        const next = keep(again ? draft : draftOf(first), first).content;
        expect(sameContent(next, first)).toBe(true);
        for (const { template } of [first, next])
          expect(openCommandOf(secrets, definition.id, template)).toEqual({
            ok: true,
            value: { ...draft.template.command, environment },
          });
      }),
    );
  });

  it('shows no secret in its text, and opens for no other definition', () => {
    const { content } = keep(aDraft([TOKEN]));
    expect(JSON.stringify(content)).not.toContain(TOKEN.value);
    expect(openCommandOf(secrets, 'definition-2', content.template)).toMatchObject({
      errors: [{ code: 'SECRET_UNREADABLE', path: ['input', 'command'] }],
    });
  });

  it('forgets a secret that is not named, and keeps none that it does not have', () => {
    const { content } = keep(aDraft([TOKEN]));
    const without = keep(aDraft([]), content).content;
    expect(without.template.command?.environment).toEqual([]);
    const asks = aDraft([{ ...TOKEN, value: null }]);
    for (const present of [undefined, without, keep(aDraft([{ ...TOKEN, secret: false }])).content])
      expect(keepDefinition({ secrets, webhooks }, definition, asks, present)).toMatchObject({
        errors: [{ code: 'BAD_USER_INPUT', path: ['input', 'command', 'environment', '0', 'value'] }],
      });
  });

  it('counts what it kept: all values together have their limit', () => {
    const big = { name: 'BIG', value: 'x'.repeat(40_000), secret: true };
    const { content } = keep(aDraft([big]));
    const more = aDraft([
      { ...big, value: null },
      { ...big, name: 'MORE' },
    ]);
    expect(keepDefinition({ secrets, webhooks }, definition, more, content)).toMatchObject({
      errors: [{ path: ['input', 'command', 'environment'] }],
    });
  });

  it('is the same after a turn of keys, and mended by a value given anew once the old key is gone', () => {
    const { content } = keep(aDraft([TOKEN]));
    const turned = boxOf(newKey, oldKey);
    expect(sameContent(keep(aDraft([TOKEN]), content, turned).content, content)).toBe(true);
    const without = boxOf(newKey);
    expect(
      keepDefinition({ secrets: without, webhooks }, definition, draftOf(content), content),
    ).toMatchObject({
      errors: [{ code: 'SECRET_UNREADABLE', path: ['input', 'command', 'environment', '0', 'value'] }],
    });
    const mended = keep(aDraft([TOKEN]), content, without).content;
    expect(sameContent(mended, content)).toBe(false);
    expect(openCommandOf(without, definition.id, mended.template).ok).toBe(true);
  });
});

describe('its webhook', () => {
  const url = 'https://hooks.dev/x';

  it('gets a secret that is made once, and kept through a change of the URL', () => {
    const first = keep(aDraft([], url));
    expect(first.webhookSecret).toMatch(/^whsec_/);
    const moved = keep(aDraft([], 'https://hooks.dev/y'), first.content);
    expect(moved.webhookSecret).toBeUndefined();
    expect(moved.content.template.webhook).toEqual({
      url: 'https://hooks.dev/y',
      sealedSecret: first.content.template.webhook?.sealedSecret,
    });
    const again = keep(aDraft([], url), keep(aDraft([]), first.content).content);
    expect(again.webhookSecret).toMatch(/^whsec_/);
    expect(again.webhookSecret).not.toBe(first.webhookSecret);
  });

  it('takes the secret that is given; the same one is no change, another one is', () => {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const withSecret = (own: string): DefinitionDraft => {
      const draft = aDraft([]);
      return { ...draft, template: { ...draft.template, webhook: { url, secret: own } } };
    };
    const first = keep(withSecret(secret));
    expect(first.webhookSecret).toBeUndefined();
    expect(JSON.stringify(first)).not.toContain(secret);
    expect(sameContent(keep(withSecret(secret), first.content).content, first.content)).toBe(true);
    const other = `whsec_${randomBytes(32).toString('base64')}`;
    expect(sameContent(keep(withSecret(other), first.content).content, first.content)).toBe(false);
  });
});
