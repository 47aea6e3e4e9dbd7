import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import { REFUSED_BY_FLEX, settingsToGive, storageNames } from './support/known-settings.js';
import {
  bicepTexts,
  compile,
  modulesOf,
  resourcesOf,
  root,
  settingsOf,
  type Template,
} from './support/template.js';

const { main, message } = await compile();

const ROLES = {
  blobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  queueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
  tableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
  secretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
  metricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb',
  secretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
};
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
  const resources = resourcesOf(template);
  const only = (type: string) => {
    const found = resources.filter((resource) => resource.type === type);
    expect(found).toHaveLength(1);
    return found[0]?.properties ?? {};
  };

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

    it('opens the vaults by roles only and lets nobody destroy a secret', () => {
      const vaults = resources.filter(({ type }) => type === 'Microsoft.KeyVault/vaults');
      expect(vaults.map(({ module }) => module)).toEqual(['vault', 'settings-vault']);
      for (const { properties } of vaults) {
        expect(properties).toMatchObject({
          enableRbacAuthorization: true,
          enableSoftDelete: true,
          softDeleteRetentionInDays: 90,
          enablePurgeProtection: true,
        });
      }
    });

    it('takes in telemetry of Entra identities only', () => {
      expect(only('Microsoft.Insights/components')).toMatchObject({ DisableLocalAuth: true });
      expect(only('Microsoft.OperationalInsights/workspaces')).toMatchObject({
        features: { disableLocalAuth: true },
      });
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

    it('gives each identity its roles on single resources and says that they are services', () => {
      const grants = resources
        .filter(({ type }) => type === 'Microsoft.Authorization/roleAssignments')
        .map(({ module, scope = '', properties = {} }) => ({
          on: /'(Microsoft\.[\w/]+)'/.exec(scope)?.[1],
          roles: rolesOf(template, module, String(properties.roleDefinitionId)),
          type: properties.principalType,
        }));
      const service = 'ServicePrincipal';
      expect(grants).toEqual([
        {
          on: 'Microsoft.Storage/storageAccounts',
          roles: [ROLES.blobDataOwner, ROLES.queueDataContributor, ROLES.tableDataContributor],
          type: service,
        },
        { on: 'Microsoft.KeyVault/vaults', roles: [ROLES.secretsOfficer], type: service },
        { on: 'Microsoft.KeyVault/vaults', roles: [ROLES.secretsUser], type: service },
        { on: 'Microsoft.Insights/components', roles: [ROLES.metricsPublisher], type: service },
        {
          on: 'Microsoft.KeyVault/vaults',
          roles: [ROLES.secretsOfficer],
          type: "[parameters('administratorType')]",
        },
        {
          on: 'Microsoft.KeyVault/vaults',
          roles: [ROLES.secretsOfficer],
          type: "[parameters('administratorType')]",
        },
        { on: 'Microsoft.Web/sites', roles: ['deploy packages'], type: service },
        { on: 'Microsoft.Web/serverfarms', roles: ['deploy packages'], type: service },
      ]);
    });

    it('lets the app write only into the vault of the secrets that it makes', () => {
      const onVaults = resources.filter(
        ({ type, name, module }) =>
          type === 'Microsoft.Authorization/roleAssignments' &&
          module === 'access' &&
          name.includes('KeyVault') &&
          name.includes("parameters('principalId')"),
      );
      const given = onVaults.map(({ scope = '', properties = {}, module }) => [
        /parameters\('(\w+)'\)/.exec(scope)?.[1],
        ...rolesOf(template, module, String(properties.roleDefinitionId)),
      ]);
      expect(given).toEqual([
        ['vaultName', ROLES.secretsOfficer],
        ['settingsVaultName', ROLES.secretsUser],
      ]);
      const settings = settingsOf(template);
      expect(settings.get('KEY_VAULT_URI')).toBe("reference('vault').vaultUri");
      expect(modulesOf(template).get('function-app')?.resources.vault?.name).toBe(
        "[parameters('vaultName')]",
      );
      for (const name of ['CRM__Dynamics365__ClientSecret', 'AuthScape__ClientSecret']) {
        expect(settings.get(name)).toContain("reference('settingsVault').vaultUri");
      }
    });

    it('gives the deployer what a deployment asks for, and neither settings nor keys', () => {
      const [role] = resources.filter(({ type }) => type === 'Microsoft.Authorization/roleDefinitions');
      expect(role?.properties?.permissions).toMatchObject([
        {
          actions: [
            'Microsoft.Web/sites/read',
            'Microsoft.Web/sites/config/read',
            'Microsoft.Web/sites/publish/action',
            'Microsoft.Web/serverfarms/read',
          ],
          dataActions: [],
        },
      ]);
      expect(role?.properties?.assignableScopes).toEqual(['[resourceGroup().id]']);
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

    it('cuts off no log: what alerts and audit are made of arrives whatever there is of it', () => {
      expect(only('Microsoft.OperationalInsights/workspaces')).toMatchObject({
        workspaceCapping: { dailyQuotaGb: -1 },
      });
      expect(JSON.stringify(template)).not.toMatch(/dailyQuotaGb":(?!-1)/);
    });

    it('tells of secrets that expire, and of money', () => {
      const vaults = resources.filter(
        ({ type }) => type === 'Microsoft.EventGrid/systemTopics/eventSubscriptions',
      );
      expect(vaults.map(({ module }) => module)).toEqual(['vault', 'settings-vault']);
      for (const { properties } of vaults) {
        expect(properties).toMatchObject({
          filter: {
            includedEventTypes: ['Microsoft.KeyVault.SecretNearExpiry', 'Microsoft.KeyVault.SecretExpired'],
          },
          destination: { endpointType: 'MonitorAlert' },
        });
      }
      expect(only('Microsoft.Consumption/budgets')).toMatchObject({
        category: 'Cost',
        timeGrain: 'Monthly',
        amount: "[parameters('monthlyBudget')]",
        notifications: { most: { enabled: true }, all: { enabled: true, thresholdType: 'Forecasted' } },
      });
    });

    it('names role assignments after who gets the role, since one cannot be given to another later', () => {
      const grants = resources.filter(({ type }) => type === 'Microsoft.Authorization/roleAssignments');
      expect(grants.length).toBeGreaterThan(0);
      for (const { name } of grants) expect(name).toMatch(/parameters\('(?:principalId|administratorId)'\)/);
    });

    // GitHub puts ids beside both names for repositories made since July 2026, and names alone for others.
    it('takes the repository as GitHub writes it in its tokens, and says where that is read', () => {
      const parameters = Object.values(template.resources).find(({ name }) => name === 'deployer')?.properties
        ?.parameters as Record<string, { value: string }> | undefined;
      expect(parameters?.subject?.value).toBe(
        "[format('repo:{0}:environment:{1}', parameters('gitHubRepository'), parameters('environmentName'))]",
      );
      const guide = readFileSync(path.join(root, 'infra/README.md'), 'utf8');
      const [, form = ''] = /GITHUB_REPOSITORY=\$\(gh api repos\/\S+ --jq '"(.*?)"'\)/.exec(guide) ?? [];
      expect(form).toBe('\\(.owner.login)@\\(.owner.id)/\\(.name)@\\(.id)');
    });

    it('makes valid names of storage and vault of any short name', () => {
      const nameOf = (module: string) => {
        const found = Object.values(template.resources).find(({ name }) => name === module);
        return (found?.properties?.parameters as Record<string, { value: string }> | undefined)?.name?.value;
      };
      expect(nameOf('storage')).toContain("toLower(replace(parameters('name'), '-', ''))");
      expect(nameOf('vault')).toContain('take(');
    });

    it('has all settings that the app knows, and no other', () => {
      const names = [...settingsOf(template).keys()];
      expect([...names].sort()).toEqual(settingsToGive());
      expect(names.filter((name) => REFUSED_BY_FLEX.test(name))).toEqual([]);
    });

    it('refers to secrets in the vault and holds none', () => {
      const secret = [...settingsOf(template)].filter(([name]) => /secret$/i.test(name));
      expect(secret.map(([name]) => name)).toEqual([
        'CRM__Dynamics365__ClientSecret',
        'AuthScape__ClientSecret',
        'AuthScape__RefreshTokenSecret',
      ]);
      const [dynamics, authScape, refreshToken] = secret.map(([, value]) => value);
      for (const reference of [dynamics, authScape]) {
        expect(reference).toMatch(/^if\(variables\('uses\w+'\), format\('@Microsoft\.KeyVault\(SecretUri=/);
        expect(reference).toMatch(/, ''\)$/);
      }
      expect(refreshToken).toBe("if(variables('usesRefreshToken'), variables('refreshTokenSecretName'), '')");
    });

    it('starts the app with the limits that the app itself has', () => {
      const tuning = template.parameters?.bridgeTuning?.defaultValue as Record<string, number>;
      const level = template.parameters?.logLevel?.defaultValue as string;
      const given = readConfig(sampleEnvironment(settingsOf(template), tuning, level));
      const plain = readConfig(sampleEnvironment(settingsOf(template), {}, ''));
      expect(given).toEqual(plain);
      expect(given).toMatchObject({
        managedIdentity: true,
        storage: { tablesUrl: 'https://sample.example', clientId: 'sample' },
      });
    });

    it('sends what host, queues and vault have to say to the workspace', () => {
      const settings = resources.filter(({ type }) => type === 'Microsoft.Insights/diagnosticSettings');
      const sources = settings.map(({ scope = '', properties }) => {
        expect(properties?.workspaceId).toContain('workspaceId');
        expect(properties?.logs).not.toEqual([]);
        return /Microsoft\.[\w.]+(\/\w+)+|queueServices|tableServices|vaults|sites/.exec(scope)?.[0];
      });
      expect(sources.map((source) => source?.split('/').at(-1)).sort()).toEqual([
        'queueServices',
        'sites',
        'tableServices',
        'vaults',
        'vaults',
      ]);
      const reads = settings.find(({ scope = '' }) => scope.includes('tableServices'));
      expect(reads).toMatchObject({
        condition: "[parameters('logTableReads')]",
        properties: { logs: [{ category: 'StorageRead', enabled: true }] },
      });
    });

    it('has an alert for each thing that somebody must hear of, and somebody who hears', () => {
      const alerts = resources.filter(({ type }) => type === 'Microsoft.Insights/scheduledQueryRules');
      expect(alerts).toHaveLength(1);
      const rules = modulesOf(template).get('alerts')?.variables?.rules;
      const text = JSON.stringify(rules ?? modulesOf(template).get('alerts')?.variables);
      for (const about of [
        'run failed',
        'dead letter',
        'half an hour',
        'server errors',
        'schedule',
        'refuses many callers',
        'vault has denied',
        'More is logged',
      ]) {
        expect(text).toContain(about);
      }
      expect(JSON.stringify(alerts)).toContain("parameters('operatorsId')");
      expect(only('Microsoft.Insights/actionGroups')).toMatchObject({ enabled: true });
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

/** Ids of the roles that an expression names through variables of its module. */
function rolesOf(template: Template, module: string, expression: string): readonly unknown[] {
  if (/'deploy packages'|roleDefinitions'.*appName/.test(expression)) return ['deploy packages'];
  const [, variable = ''] = /variables\('(\w+)'\)/.exec(expression) ?? [];
  const value = modulesOf(template).get(module)?.variables?.[variable];
  return Array.isArray(value) ? value : [value];
}

/** What the app would see: samples for what a deployment brings, defaults of the template for the limits. */
function sampleEnvironment(
  settings: ReadonlyMap<string, string>,
  tuning: Readonly<Record<string, number>>,
  logLevel: string,
): Record<string, string> {
  const sample = (name: string, expression: string): string => {
    const [, limit] = /\.tuning\.(\w+)/.exec(expression) ?? [];
    if (limit !== undefined) return String(tuning[limit] ?? '');
    if (name === 'LOG_LEVEL') return logLevel;
    const given = {
      CONSOLE_FRAME_ANCESTORS: "'none'",
      AUTH_MODE: 'functionKeys',
      AUTH_ISSUERS: '[]',
      API_KEYS: '{}',
      OTEL_METRIC_EXPORT_INTERVAL: '60000',
    };
    if (Object.hasOwn(given, name)) return given[name as keyof typeof given];
    return /(Uri|URI|Url|HOST|ENDPOINT)$/.test(name) ? 'https://sample.example/' : 'sample';
  };
  const pairs = [...settings].map(([name, expression]) => [name, sample(name, expression)]);
  return { ...Object.fromEntries(pairs), IDENTITY_ENDPOINT: 'http://localhost', WEBSITE_SITE_NAME: 'sample' };
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
      'DisableLocalAuth: true',
      'httpsOnly: true',
      ...Object.values(ROLES),
    ])('says %s', (words) => {
      expect(all).toContain(words);
    });

    it('contains no key and no secret parameter', () => {
      expect(all).not.toMatch(KEYS);
      expect(all).not.toContain('@secure');
    });

    it('has all settings that the app knows, and no other', () => {
      const [, settings = ''] = /var settings = \{\n(.*?)\n\}/s.exec(all) ?? [];
      const names = [...settings.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name);
      expect(names.sort()).toEqual(settingsToGive());
      expect(names.filter((name) => REFUSED_BY_FLEX.test(name))).toEqual([]);
    });

    it('has the tables and queues that the app uses', () => {
      for (const name of Object.values(storageNames()).flat()) expect(all).toContain(`'${name}'`);
    });
  });
}
