import { expect, it } from 'vitest';
import { withoutSecrets } from '../../src/adapters/redact.js';

const SECRET = 'S3cr3t-Value_0123456789';

it.each([
  `Authorization: Bearer ${SECRET}`,
  `headers {"authorization":"Basic ${SECRET}","a":1}`,
  `the caller sent bearer ${SECRET} to us`,
  `x-functions-key=${SECRET}`,
  `GET https://x.test/api?code=${SECRET}&a=1`,
  `{"client_secret":"${SECRET}"}`,
  `client_secret=${SECRET}&grant_type=x`,
  `password: ${SECRET}`,
  `Cookie: a=${SECRET}; b=${SECRET}`,
  `refresh_token = '${SECRET}'`,
  `AccountKey=${SECRET};EndpointSuffix=x`,
  `{"error":"{\\"client_secret\\":\\"${SECRET}\\"}"}`,
  `{\\"authorization\\":\\"Token ${SECRET}\\"}`,
  `client_secret&quot;:&quot;${SECRET}&quot;`,
  `https://x.test/?a=1&amp;code=${SECRET}`,
  `redirect=https%3A%2F%2Fx.test%2F%3Fcode%3D${SECRET}%26a%3D1`,
  `https://user:${SECRET}@x.test/path`,
  `<client_secret>${SECRET}</client_secret>`,
  `Ocp-Apim-Subscription-Key: ${SECRET}`,
  `client_assertion=${SECRET}`,
  `Bearer%20${SECRET}`,
  `{"token":"${SECRET}"}`,
])('takes what opens something out of %j', (text) => {
  expect(withoutSecrets(text)).not.toContain(SECRET);
});

it('takes tokens out wherever they are', () => {
  expect(withoutSecrets('see eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl here')).toBe('see [redacted] here');
});

it.each([
  "A value for the attribute 'emailaddress1' is too long (code 0x80044331).",
  'The postal code of https://x.test:443/a@b is missing.',
])('leaves other text alone: %s', (text) => {
  expect(withoutSecrets(text)).toBe(text);
});
