import { describe, expect, it } from 'vitest';
import { bicepTexts, compile, modulesOf, readingOf, type Template } from './support/template.js';

const { main, message } = await compile();

if (main) describeTemplate(main);
else describeTexts();

function describeTemplate(template: Template): void {
  const { only, resources } = readingOf(template);

  describe('what the compiled infrastructure watches', () => {
    it('takes in telemetry of Entra identities only', () => {
      expect(only('Microsoft.Insights/components')).toMatchObject({ DisableLocalAuth: true });
      expect(only('Microsoft.OperationalInsights/workspaces')).toMatchObject({
        features: { disableLocalAuth: true },
      });
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

    it('has an alert for each thing that operators must hear of, and operators who hear', () => {
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
  });
}

/** Weaker, for machines that have no compiler: the same points, by the wording of the sources. */
function describeTexts(): void {
  const all = [...bicepTexts().values()].join('\n');

  describe(`what the compiled infrastructure watches by the text (${message})`, () => {
    it.each(['DisableLocalAuth: true', 'Microsoft.Insights/scheduledQueryRules'])('says %s', (words) => {
      expect(all).toContain(words);
    });
  });
}
