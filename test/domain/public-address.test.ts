import { expect, it } from 'vitest';
import { readBaseUrl } from '../../src/domain/webhook.js';

it.each([
  'https://127.0.0.1',
  'https://10.0.0.1',
  'https://169.254.169.254',
  'https://2130706433',
  'https://0x7f.1',
  'https://[::1]',
  'https://[fe80::1]',
  'https://localhost',
  'https://localhost.',
  'https://app',
  'https://app.local',
  'https://app.internal',
  'https://app.corp',
  'https://app.localhost',
  'https://app.home.arpa',
])('%s is nothing that Dynamics can reach', (url) => {
  expect(readBaseUrl(url, false).ok).toBe(false);
});

it.each([
  'https://yourapp.azurewebsites.net',
  'https://bridge.contoso.com',
  'https://xn--bcher-kva.example.de',
])('%s is', (url) => {
  expect(readBaseUrl(url, false)).toEqual({ ok: true, origin: url });
});

it('a machine of ones own is where local runs are allowed', () => {
  expect(readBaseUrl('http://127.0.0.1:7071', true)).toEqual({ ok: true, origin: 'http://127.0.0.1:7071' });
});
