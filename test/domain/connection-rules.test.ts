import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLimits, organizationKey, readEnvironment } from '../../src/domain/connection-rules.js';

describe('environments', () => {
  it.each([
    'contoso.crm.dynamics.com',
    'contoso.crm4.dynamics.com',
    'contoso.api.crm21.dynamics.com',
    'contoso.crm.microsoftdynamics.us',
    'contoso.crm.appsplatform.us',
    'contoso.crm.dynamics.cn',
    'contoso.api.crm.microsoftdynamics.de',
    'org-1a2b.crm11.dynamics.com',
  ])('takes %s', (environment) => {
    expect(readEnvironment(environment, [])).toEqual({ ok: true, environment });
  });

  it('folds case and outer spaces', () => {
    expect(readEnvironment(' Contoso.CRM.dynamics.com ', [])).toEqual({
      ok: true,
      environment: 'contoso.crm.dynamics.com',
    });
  });

  it.each([
    'crm.dynamics.com',
    'contoso.crm.dynamics.com.evil.example',
    'evil.example#.crm.dynamics.com',
    'a.b.crm.dynamics.com',
    'contoso.crm.dynamics.com.',
    'contoso.crmx.dynamics.com',
    'user@contoso.crm.dynamics.com',
    'localhost',
    '127.0.0.1',
    '-contoso.crm.dynamics.com',
  ])('refuses %s', (environment) => {
    expect(readEnvironment(environment, [])).toMatchObject({ ok: false });
  });

  it('shows the right form of what was meant', () => {
    const read = readEnvironment('https://Contoso.crm.dynamics.com/main.aspx', []);
    expect(read).toMatchObject({ message: expect.stringContaining('"contoso.crm.dynamics.com"') });
  });

  it('takes a host that the deployment maps by itself', () => {
    expect(readEnvironment('dev.example', ['Dev.Example'])).toEqual({ ok: true, environment: 'dev.example' });
  });

  it('lets nothing through that a URL would read as another host', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 30 }), (text) => {
        const read = readEnvironment(`${text}.crm.dynamics.com`, []);
        if (read.ok) expect(new URL(`https://${read.environment}/`).host).toBe(read.environment);
      }),
    );
  });

  it('know one organization below both of its names', () => {
    expect(organizationKey('Contoso.api.crm.dynamics.com')).toBe(organizationKey('contoso.crm.dynamics.com'));
  });
});

describe('limits of a connection', () => {
  it.each<[Parameters<typeof checkLimits>[0], readonly string[]]>([
    [{}, []],
    [{ syncIntervalMinutes: 1, massDeleteGuard: null }, []],
    [{ syncIntervalMinutes: 1440, massDeleteGuard: { count: 0, percent: 0 } }, []],
    [{ massDeleteGuard: { count: 1_000_000, percent: 100 } }, []],
    [{ syncIntervalMinutes: 0 }, ['syncIntervalMinutes']],
    [{ syncIntervalMinutes: 1441 }, ['syncIntervalMinutes']],
    [{ syncIntervalMinutes: 1.5 }, ['syncIntervalMinutes']],
    [{ syncIntervalMinutes: Number.NaN }, ['syncIntervalMinutes']],
    [
      { massDeleteGuard: { count: -1, percent: 100.1 } },
      ['massDeleteGuard.count', 'massDeleteGuard.percent'],
    ],
    [
      { massDeleteGuard: { count: 0.5, percent: Number.NaN } },
      ['massDeleteGuard.count', 'massDeleteGuard.percent'],
    ],
  ])('%o: %o', (input, paths) => {
    expect(checkLimits(input).map(({ path }) => path)).toEqual(paths);
  });
});
