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
])('takes what opens something out of %j', (text) => {
  expect(withoutSecrets(text)).not.toContain(SECRET);
});

it('takes tokens out wherever they are', () => {
  expect(withoutSecrets('see eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl here')).toBe('see [redacted] here');
});

it('leaves other text alone', () => {
  const text = "A value for the attribute 'emailaddress1' is too long (code 0x80044331).";
  expect(withoutSecrets(text)).toBe(text);
});
