import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import { REFUSED_BY_FLEX, settingsToGive } from './support/known-settings.js';
import { bicepTexts, compile, settingsOf, type Template } from './support/template.js';

const { main, message } = await compile();

if (main) describeTemplate(main);
else describeTexts();

function describeTemplate(template: Template): void {
  describe('the settings of the compiled infrastructure', () => {
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
  });
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
  const all = [...bicepTexts().values()].join('\n');

  describe(`the settings of the compiled infrastructure by the text (${message})`, () => {
    it('has all settings that the app knows, and no other', () => {
      const [, settings = ''] = /var settings = \{\n(.*?)\n\}/s.exec(all) ?? [];
      const names = [...settings.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name);
      expect(names.sort()).toEqual(settingsToGive());
      expect(names.filter((name) => REFUSED_BY_FLEX.test(name))).toEqual([]);
    });
  });
}
