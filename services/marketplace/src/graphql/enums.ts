import { registerEnumType } from 'type-graphql';
import { MEMBER_ROLES } from '../domain/member.js';
import { SERVICE_VERSION_STATES } from '../domain/service-version-lifecycle.js';
import { RUNTIMES } from '../domain/service-version.js';

const enumOf = <V extends string>(values: readonly V[]) =>
  Object.fromEntries(values.map((value) => [value, value])) as { [K in V]: K };

export const MemberRoleEnum = enumOf(MEMBER_ROLES);
registerEnumType(MemberRoleEnum, {
  name: 'MemberRole',
  description: 'What a member may do in an organization; each role includes those before it.',
  valuesConfig: {
    VIEWER: { description: 'Sees what the organization has.' },
    MAINTAINER: { description: 'Also creates, changes and runs things.' },
    OWNER: { description: 'Also decides who is a member, of it and of its teams.' },
  },
});

export const ServiceVersionLifecycleEnum = enumOf(SERVICE_VERSION_STATES);
registerEnumType(ServiceVersionLifecycleEnum, {
  name: 'ServiceVersionLifecycle',
  description: 'Who may run a service version.',
  valuesConfig: {
    CREATED: { description: 'Its organization may see and try it.' },
    PUBLISHED: { description: 'Everybody may see and run it.' },
  },
});

export const ServiceRuntimeEnum = enumOf(RUNTIMES);
registerEnumType(ServiceRuntimeEnum, {
  name: 'ServiceRuntime',
  description: 'The language runtime that a managed service runs on.',
  valuesConfig: {
    NODEJS: { description: 'JavaScript on Node.js.' },
    PYTHON: { description: 'Python 3.' },
  },
});
