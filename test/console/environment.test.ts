import { expect, it } from 'vitest';
import { bareDomain } from '../../src/console/screens/environment.js';

it.each([
  ['yourorg.crm.dynamics.com', 'yourorg.crm.dynamics.com'],
  ['  YourOrg.CRM4.dynamics.com ', 'yourorg.crm4.dynamics.com'],
  ['https://yourorg.crm.dynamics.com/main.aspx?appid=1#x', 'yourorg.crm.dynamics.com'],
  ['http://yourorg.crm.dynamics.com:443', 'yourorg.crm.dynamics.com'],
  ['yourorg.crm.dynamics.com/', 'yourorg.crm.dynamics.com'],
  ['', ''],
])('shortens "%s" to the bare domain', (given, domain) => {
  expect(bareDomain(given)).toBe(domain);
});
