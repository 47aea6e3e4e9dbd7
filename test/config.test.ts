import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.js';

const GOOD = {
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  KEY_VAULT_URI: 'https://vault.vault.azure.net/',
  AuthScape__ApiUrl: 'https://api.example/',
  AuthScape__IdpUrl: 'https://idp.example',
  AuthScape__ClientId: 'bridge',
  AuthScape__ClientSecret: 'a-secret-value',
};

describe('the settings', () => {
  it('have defaults for all that is not named', () => {
    expect(readConfig(GOOD)).toEqual({
      storage: { connectionString: 'UseDevelopmentStorage=true' },
      managedIdentity: false,
      identityClientId: undefined,
      keyVaultUrl: 'https://vault.vault.azure.net',
      authorityHost: undefined,
      dynamics: { environment: undefined, tenantId: undefined, clientId: undefined, clientSecret: undefined },
      authScape: {
        apiUrl: 'https://api.example',
        idpUrl: 'https://idp.example',
        scope: 'api1',
        clientId: 'bridge',
        clientSecret: 'a-secret-value',
        refreshTokenSecret: undefined,
      },
      hostMap: {},
      tuning: {
        runLeaseMs: 30_000,
        stepMs: 60_000,
        dataTimeoutMs: 120_000,
        authScapeWriteTimeoutMs: 45_000,
        retryBaseMs: 500,
        requestConcurrency: 8,
        recordConcurrency: 96,
        runWorkers: 4,
        runPartRecords: 500,
      },
      signIn: { mode: 'functionKeys', apiKeys: {}, issuers: [] },
      retention: { logDays: 90, runDays: 30 },
      console: { authMode: 'functionKeys', issuers: [], frameAncestors: "'none'" },
      telemetry: { connectionString: undefined, otlpEndpoint: undefined, metricIntervalMs: 60_000 },
      logLevel: 'info',
    });
  });

  it('take an identity for the storage', () => {
    const { AzureWebJobsStorage: _, ...rest } = GOOD;
    const config = readConfig({
      ...rest,
      AzureWebJobsStorage__accountName: 'bridge',
      AZURE_CLIENT_ID: 'identity',
      IDENTITY_ENDPOINT: 'http://127.0.0.1/msi',
    });
    expect(config).toMatchObject({
      managedIdentity: true,
      storage: {
        tablesUrl: 'https://bridge.table.core.windows.net',
        queuesUrl: 'https://bridge.queue.core.windows.net',
        clientId: 'identity',
      },
    });
  });

  it('name every fault and show no value', () => {
    const bad = {
      AuthScape__ClientSecret: 'a-secret-value',
      KEY_VAULT_URI: 'ftp://hidden',
      RECORD_CONCURRENCY: 'many',
      LOG_LEVEL: '',
    };
    const read = () => readConfig({ ...bad, DATAVERSE_HOST_MAP: '{' });
    expect(read).toThrow(
      /KEY_VAULT_URI is not.*AuthScape__ApiUrl is missing.*AuthScape__IdpUrl is missing.*AuthScape__ClientId is missing.*RECORD_CONCURRENCY is not a number.*AzureWebJobsStorage is missing.*DATAVERSE_HOST_MAP must be JSON/s,
    );
    expect(read).not.toThrow(/a-secret-value|hidden|many/);
  });

  it('want a way to sign in to AuthScape', () => {
    const { AuthScape__ClientSecret: _, ...rest } = GOOD;
    expect(() => readConfig(rest)).toThrow('AuthScape__ClientSecret is missing');
    expect(
      readConfig({ ...rest, AuthScape__RefreshTokenSecret: 'authscape-refresh' }).authScape,
    ).toMatchObject({
      refreshTokenSecret: 'authscape-refresh',
    });
  });

  it.each([
    'AZURE_AUTHORITY_HOST',
    'KEY_VAULT_URI',
    'AuthScape__ApiUrl',
    'AuthScape__IdpUrl',
    'AzureWebJobsStorage__tableServiceUri',
    'AzureWebJobsStorage__queueServiceUri',
  ])('take http for %s on a machine of ones own, and refuse it in Azure', (name) => {
    const secure = {
      ...GOOD,
      KEY_VAULT_URI: 'https://vault.example',
      AuthScape__ApiUrl: 'https://api.example',
      AuthScape__IdpUrl: 'https://idp.example',
    };
    const azure = { WEBSITE_SITE_NAME: 'app' };
    expect(() => readConfig({ ...secure, ...azure })).not.toThrow();
    expect(() => readConfig({ ...secure, [name]: 'http://plain.example' })).not.toThrow();
    expect(() => readConfig({ ...secure, ...azure, [name]: 'http://plain.example' })).toThrow(
      `${name} must be an https address in Azure`,
    );
  });

  it('take a host map for local runs, and refuse it in Azure', () => {
    const DATAVERSE_HOST_MAP = '{"Contoso.crm.dynamics.com":"http://127.0.0.1:7072/"}';
    expect(readConfig({ ...GOOD, DATAVERSE_HOST_MAP }).hostMap).toEqual({
      'contoso.crm.dynamics.com': 'http://127.0.0.1:7072',
    });
    for (const name of ['WEBSITE_SITE_NAME', 'WEBSITE_INSTANCE_ID']) {
      expect(() => readConfig({ ...GOOD, DATAVERSE_HOST_MAP, [name]: 'x' })).toThrow(
        'must not be set in Azure',
      );
    }
  });

  it('say who may call: keys by digest, issuers with their defaults, and where people sign in', () => {
    const digest = 'a'.repeat(64);
    const { console: shown, signIn } = readConfig({
      ...GOOD,
      AUTH_MODE: 'app',
      API_KEYS: JSON.stringify({ operations: digest }),
      AUTH_ISSUERS: JSON.stringify([
        { issuer: 'https://login.example/t/v2.0', audience: 'bridge' },
        { issuer: 'https://idp.example', audience: 'bridge', clientId: 'web', roles: { Boss: 'sync.admin' } },
      ]),
    });

    expect(signIn).toMatchObject({ mode: 'app', apiKeys: { operations: digest } });
    expect(signIn.issuers).toMatchObject([
      { issuer: 'https://login.example/t/v2.0', roleClaim: 'roles', roles: {} },
      { roles: { Boss: 'sync.admin' } },
    ]);
    expect(shown.issuers).toEqual([
      { name: 'idp.example', authority: 'https://idp.example', clientId: 'web', scope: 'openid profile' },
    ]);
  });

  it.each([
    ['AUTH_MODE', 'nobody'],
    ['AUTH_ISSUERS', '{'],
    ['AUTH_ISSUERS', '[{"issuer":"https://idp.example"}]'],
    ['API_KEYS', '{"operations":"the-key-itself"}'],
  ])('are refused by name when they say it wrong: %s %s', (name, value) => {
    expect(() => readConfig({ ...GOOD, [name]: value })).toThrow(name);
  });
});
