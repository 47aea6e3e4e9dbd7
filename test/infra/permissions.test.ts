import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  bicepTexts,
  compile,
  modulesOf,
  readingOf,
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

if (main) describeTemplate(main);
else describeTexts();

function describeTemplate(template: Template): void {
  const { resources } = readingOf(template);

  describe('the permissions of the compiled infrastructure', () => {
    it('opens the vaults by roles only and lets no role destroy a secret', () => {
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
  });
}

/** Ids of the roles that an expression names through variables of its module. */
function rolesOf(template: Template, module: string, expression: string): readonly unknown[] {
  if (/'deploy packages'|roleDefinitions'.*appName/.test(expression)) return ['deploy packages'];
  const [, variable = ''] = /variables\('(\w+)'\)/.exec(expression) ?? [];
  const value = modulesOf(template).get(module)?.variables?.[variable];
  return Array.isArray(value) ? value : [value];
}

/** Weaker, for machines that have no compiler: the same points, by the wording of the sources. */
function describeTexts(): void {
  const all = [...bicepTexts().values()].join('\n');

  describe(`the permissions of the compiled infrastructure by the text (${message})`, () => {
    it.each(['enableRbacAuthorization: true', ...Object.values(ROLES)])('say %s', (words) => {
      expect(all).toContain(words);
    });
  });
}
