import { describe, expect, it } from 'vitest';
import {
  envName,
  flagName,
  isLoopback,
  loadConfig,
  SETTINGS,
  type SettingName,
  strangeVariables,
} from '../src/config.ts';
import { DEFAULT_LIMITS } from '../src/schema/limits.ts';
import { DEFAULT_EVENT_LIMITS } from '../src/store/ledger/check.ts';

describe('The settings', () => {
  it('have defaults that keep a server to its own machine', () => {
    expect(loadConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      token: null,
      allowedHosts: [],
      logLevel: 'info',
    });
  });

  it('have the limits as defaults that schema and store have without a server', () => {
    expect(loadConfig({})).toMatchObject({ ...DEFAULT_LIMITS, ...DEFAULT_EVENT_LIMITS });
  });

  it('are read from variables, and flags win over those', () => {
    const env = { DAGLOUPE_PORT: '5000', DAGLOUPE_MAX_BODY_BYTES: '4096' };
    expect(loadConfig(env, { port: '0' })).toMatchObject({ port: 0, maxBodyBytes: 4096 });
  });

  it('have one name in three spellings', () => {
    expect(envName('maxBodyBytes')).toBe('DAGLOUPE_MAX_BODY_BYTES');
    expect(flagName('maxBodyBytes')).toBe('--max-body-bytes');
  });

  it('each allow their own default', () => {
    for (const [name, setting] of Object.entries(SETTINGS)) {
      const value = setting.default;
      if (value === null || Array.isArray(value)) continue;
      expect(loadConfig({ [envName(name as SettingName)]: String(value) }), name).toEqual(loadConfig({}));
    }
  });

  it('count an empty variable as absent, and an empty flag as a mistake', () => {
    expect(loadConfig({ DAGLOUPE_TOKEN: '' }).token).toBeNull();
    expect(() => loadConfig({}, { token: '' })).toThrow('--token');
  });

  it.each([
    ['DAGLOUPE_PORT', '-1', 'DAGLOUPE_PORT is "-1": expected a whole number from 0 to 65535.'],
    ['DAGLOUPE_PORT', '4000.5', 'DAGLOUPE_PORT is "4000.5": expected a whole number from 0 to 65535.'],
    ['DAGLOUPE_PORT', '70000', 'DAGLOUPE_PORT is "70000": expected a whole number from 0 to 65535.'],
    ['DAGLOUPE_PORT', '0x10', 'DAGLOUPE_PORT is "0x10": expected a whole number from 0 to 65535.'],
    ['DAGLOUPE_HOST', 'http://localhost', 'an IP address or a host name without scheme and port'],
    ['DAGLOUPE_HOST', 'localhost:4000', 'an IP address or a host name without scheme and port'],
    ['DAGLOUPE_ALLOWED_HOSTS', 'a.example,,b.example', 'DAGLOUPE_ALLOWED_HOSTS is "a.example,,b.example"'],
    ['DAGLOUPE_LOG_LEVEL', 'loud', 'expected one of silent, fatal, error, warn, info, debug, trace.'],
    ['DAGLOUPE_MAX_ROWS', '1e5', 'DAGLOUPE_MAX_ROWS is "1e5": expected a whole number from 1 to'],
    ['DAGLOUPE_REQUEST_TIMEOUT_MS', '0', 'DAGLOUPE_REQUEST_TIMEOUT_MS is "0": expected a whole number from 1 to'],
  ])('refuse %s=%s and say what is allowed', (name, value, message) => {
    expect(() => loadConfig({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', message: expect.stringContaining(message) }),
    );
  });

  it('never show a token, not even a wrong one', () => {
    expect(() => loadConfig({ DAGLOUPE_TOKEN: 'two words' })).toThrow(
      'DAGLOUPE_TOKEN has a value that is not allowed: expected printable ASCII without spaces.',
    );
  });

  it('take hosts in any case, and IPv6 addresses with and without brackets', () => {
    expect(loadConfig({ DAGLOUPE_HOST: '[::1]' }).host).toBe('::1');
    expect(loadConfig({ DAGLOUPE_HOST: '::1' }).host).toBe('::1');
    expect(loadConfig({ DAGLOUPE_ALLOWED_HOSTS: 'Dags.Example.com, [fd00::1]' }).allowedHosts).toEqual([
      'dags.example.com',
      'fd00::1',
    ]);
  });

  it('tell which variables are named like settings, but are none', () => {
    const variables = { DAGLOUPE_MAX_ROWS: '1', DAGLOUPE_MAX_ROW: '1', DAGLOUPE_: '', dagloupe_port: '1', PORT: '1' };
    expect(strangeVariables(variables)).toEqual(['DAGLOUPE_MAX_ROW', 'DAGLOUPE_']);
  });

  it('tell addresses of this machine alone from others', () => {
    expect(['localhost', '127.0.0.1', '127.1.2.3', '::1'].map(isLoopback)).toEqual([true, true, true, true]);
    expect(['0.0.0.0', '::', '192.168.1.2', '127.0.0.1.example.com', 'example.com'].map(isLoopback)).not.toContain(
      true,
    );
  });
});
