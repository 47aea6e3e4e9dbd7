import { describe, expect, it } from 'vitest';
import { storageNames } from './support/known-settings.js';
import { bicepTexts, compile, modulesOf, readingOf, type Template } from './support/template.js';

const { main, message } = await compile();

const TAGGED: readonly string[] = [
  'Microsoft.Storage/storageAccounts',
  'Microsoft.KeyVault/vaults',
  'Microsoft.Web/sites',
  'Microsoft.Web/serverfarms',
  'Microsoft.OperationalInsights/workspaces',
  'Microsoft.Insights/components',
  'Microsoft.Insights/actionGroups',
  'Microsoft.EventGrid/systemTopics',
  'Microsoft.Insights/scheduledQueryRules',
  'Microsoft.ManagedIdentity/userAssignedIdentities',
  'Microsoft.Network/virtualNetworks',
  'Microsoft.Network/privateEndpoints',
];
const KEYS = /listkeys|listaccountsas|listsecrets|listconnectionstrings|AccountKey=|SharedAccessSignature/i;

if (main) describeTemplate(main);
else describeTexts();

function describeTemplate(template: Template): void {
  const { only, resources } = readingOf(template);

  describe('the compiled infrastructure', () => {
    it('keeps storage closed to keys, to the public and to old TLS', () => {
      expect(only('Microsoft.Storage/storageAccounts')).toMatchObject({
        allowSharedKeyAccess: false,
        allowBlobPublicAccess: false,
        minimumTlsVersion: 'TLS1_2',
        supportsHttpsTrafficOnly: true,
        defaultToOAuthAuthentication: true,
      });
      expect(only('Microsoft.Storage/storageAccounts/blobServices/containers')).toEqual({
        publicAccess: 'None',
      });
    });

    it('has the tables and queues that the app uses', () => {
      const { tables, queues } = modulesOf(template).get('storage')?.variables ?? {};
      expect({ tables, queues: [...(queues as string[])].sort() }).toEqual(storageNames());
    });

    it('runs Node 22 with an identity for package, storage and secrets, over TLS 1.2, without passwords', () => {
      expect(only('Microsoft.Web/sites')).toMatchObject({
        httpsOnly: true,
        keyVaultReferenceIdentity: expect.stringContaining('userAssignedIdentities'),
        functionAppConfig: {
          runtime: { name: 'node', version: '22' },
          deployment: { storage: { authentication: { type: 'UserAssignedIdentity' } } },
        },
        siteConfig: { minTlsVersion: '1.2', scmMinTlsVersion: '1.2' },
      });
      const policies = resources.filter(({ type }) => type.endsWith('/basicPublishingCredentialsPolicies'));
      expect(policies.map(({ properties }) => properties)).toEqual([{ allow: false }, { allow: false }]);
    });

    it('contains no key and nothing that asks for one', () => {
      expect(JSON.stringify(template)).not.toMatch(KEYS);
      const secure = [...modulesOf(template).values()].flatMap(({ parameters }) =>
        Object.values(parameters ?? {}).filter(({ type }) => /^secure/i.test(type ?? '')),
      );
      expect(secure).toEqual([]);
    });

    it('takes packages from addresses that are named', () => {
      const { siteConfig } = only('Microsoft.Web/sites') as { siteConfig: Record<string, unknown> };
      expect(siteConfig).toMatchObject({
        scmIpSecurityRestrictionsUseMain: false,
        scmIpSecurityRestrictionsDefaultAction: "[if(parameters('restrictDeployment'), 'Deny', 'Allow')]",
        scmIpSecurityRestrictions: expect.stringContaining('deploymentRules'),
      });
      expect(JSON.stringify(modulesOf(template).get('function-app')?.variables)).toContain('AzureCloud');
    });

    it('is closed, locked and watched in production', () => {
      const production = bicepTexts().get('parameters/prod.bicepparam') ?? '';
      for (const name of ['protectData', 'privateNetwork', 'restrictDeployment', 'logTableReads']) {
        expect(production).toMatch(new RegExp(`^param ${name} = true$`, 'm'));
      }
      expect(production).toMatch(/^param monthlyBudget = \d+$/m);
    });

    it('makes valid names of storage and vault of any short name', () => {
      const nameOf = (module: string) => {
        const found = Object.values(template.resources).find(({ name }) => name === module);
        return (found?.properties?.parameters as Record<string, { value: string }> | undefined)?.name?.value;
      };
      expect(nameOf('storage')).toContain("toLower(replace(parameters('name'), '-', ''))");
      expect(nameOf('vault')).toContain('take(');
    });

    it('scales within bounds that are given', () => {
      const site = only('Microsoft.Web/sites') as {
        functionAppConfig: { scaleAndConcurrency: Record<string, unknown> };
      };
      expect(site.functionAppConfig.scaleAndConcurrency).toMatchObject({
        instanceMemoryMB: expect.stringContaining('instanceMemoryMB'),
        maximumInstanceCount: expect.stringContaining('maximumInstanceCount'),
        triggers: { http: { perInstanceConcurrency: 16 } },
      });
      expect(template.parameters?.maximumInstanceCount?.defaultValue).toBeGreaterThan(0);
    });

    it('makes private endpoints only where a private network is asked for', () => {
      const network = Object.values(template.resources).find(({ name }) => name === 'network');
      expect(network?.condition).toContain('privateNetwork');
      expect(template.parameters?.privateNetwork?.defaultValue).toBe(false);
      const types = resources.filter(({ module }) => module === 'network').map(({ type }) => type);
      expect(types).toContain('Microsoft.Network/privateEndpoints');
    });

    it('puts the tags that are given on everything that takes tags', () => {
      const bare = resources.filter(
        ({ type, tags }) =>
          TAGGED.includes(type) && !/parameters\('tags'\)|variables\('allTags'\)/.test(String(tags)),
      );
      expect(bare.map(({ type, name }) => `${type} ${name}`)).toEqual([]);
      expect(resources.filter(({ type }) => TAGGED.includes(type)).length).toBeGreaterThan(5);
    });

    it('tells names and addresses, but no secret, in its outputs', () => {
      expect(Object.keys(template.outputs ?? {}).sort()).toEqual([
        'appName',
        'appUrl',
        'deployerClientId',
        'secretsToSet',
        'settingsVaultName',
        'storageName',
        'vaultName',
      ]);
      const values = [...modulesOf(template).values()].flatMap(({ outputs }) => Object.values(outputs ?? {}));
      expect(JSON.stringify(values)).not.toMatch(/connectionString|instrumentationKey|password/i);
    });
  });
}

/** Weaker, for machines that have no compiler: the same points, by the wording of the sources. */
function describeTexts(): void {
  const texts = bicepTexts();
  const all = [...texts.values()].join('\n');

  describe(`the text of the infrastructure (${message})`, () => {
    it.each([
      'allowSharedKeyAccess: false',
      'allowBlobPublicAccess: false',
      "minimumTlsVersion: 'TLS1_2'",
      "publicAccess: 'None'",
      'enableRbacAuthorization: true',
      'enablePurgeProtection: true',
      'softDeleteRetentionInDays: 90',
      'httpsOnly: true',
    ])('says %s', (words) => {
      expect(all).toContain(words);
    });

    it('contains no key and no secret parameter', () => {
      expect(all).not.toMatch(KEYS);
      expect(all).not.toContain('@secure');
    });

    it('has the tables and queues that the app uses', () => {
      for (const name of Object.values(storageNames()).flat()) expect(all).toContain(`'${name}'`);
    });
  });
}
