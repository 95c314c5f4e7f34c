import { describe, expect, it } from 'vitest';
import { registryConfig } from '../config.js';
import { createRegistryService } from '../service.js';
import { pidProviderOf } from './pid-settings.js';

const others = { DATABASE_URL: 'postgres://x', NATS_URL: 'nats://x' };
const providerOf = (env: Record<string, string>) => pidProviderOf(registryConfig.read({ ...others, ...env }));

const HANDLE = {
  PID_PROVIDER: 'handle',
  PID_RESOLVER_URL: 'https://weft.example.org/id/',
  HANDLE_URL: 'https://handle.example.org:8000/',
  HANDLE_PREFIX: '20.500.12345',
  HANDLE_USER: '300:20.500.12345/ADMIN',
  HANDLE_PASSWORD: 'key',
};
const DATACITE = {
  PID_PROVIDER: 'datacite',
  PID_RESOLVER_URL: 'https://weft.example.org/id',
  DATACITE_PREFIX: '10.5072',
  DATACITE_REPOSITORY: 'WEFT.TEST',
  DATACITE_PASSWORD: 'key',
};

it('makes ARKs of the tests when nothing is said', () => {
  expect(providerOf({}).mint()).toMatch(/^ark:99999\/w1/);
  expect(providerOf({ PID_NAAN: '12148', PID_SHOULDER: 'bt7' }).mint()).toMatch(/^ark:12148\/bt7/);
});

it('makes what is complete', () => {
  expect(providerOf(HANDLE).mint()).toMatch(/^hdl:20\.500\.12345\/w1/);
  expect(providerOf(DATACITE).mint()).toMatch(/^doi:10\.5072\/w1/);
});

describe('refuses what is not complete, by its name', () => {
  it.each([HANDLE, DATACITE])('$PID_PROVIDER', (complete) => {
    const names = Object.keys(complete).filter((name) => name !== 'PID_PROVIDER');
    for (const name of names)
      expect(() => providerOf({ ...complete, [name]: '' })).toThrow(
        `${name} is required by PID_PROVIDER=${complete.PID_PROVIDER}`,
      );
    const all = names.map((name) => `${name} is required by PID_PROVIDER=${complete.PID_PROVIDER}`);
    expect(() => providerOf({ PID_PROVIDER: complete.PID_PROVIDER })).toThrow(all.join(' | '));
  });
});

it('is refused before the service opens anything', async () => {
  const config = registryConfig.read({
    ...others,
    ACTOR_JWKS_URL: 'http://127.0.0.1:1/jwks',
    PID_PROVIDER: 'handle',
    LOG_LEVEL: 'silent',
  });
  await expect(createRegistryService(config)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

describe('refuses what is wrong, by its name', () => {
  it.each([
    ['PID_PROVIDER', 'doi'],
    ['PID_NAAN', '9999'],
    ['PID_SHOULDER', 'abc'],
    ['PID_RESOLVER_URL', 'weft.example.org'],
    ['PID_RESOLVER_URL', 'https://weft.example.org/?id='],
    ['HANDLE_URL', 'http://handle.example.org'],
    ['HANDLE_URL', 'https://admin:key@handle.example.org'],
    ['HANDLE_PREFIX', '20.500/x'],
    ['HANDLE_USER', 'admin'],
    ['DATACITE_URL', 'http://api.datacite.org'],
    ['DATACITE_PREFIX', '20.500'],
    ['DATACITE_REPOSITORY', 'a:b'],
  ])('%s=%s', (name, value) => {
    expect(() => providerOf({ [name]: value })).toThrow(new RegExp(`^registry service: ${name} `));
  });
});

it('does not print secrets', () => {
  expect(
    JSON.stringify(registryConfig.read({ ...others, ...HANDLE, HANDLE_PASSWORD: 'hush' })),
  ).not.toContain('hush');
});
