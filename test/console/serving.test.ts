import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { HttpRequest, InvocationContext } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { createConsoleFiles } from '../../src/adapters/console-files.js';
import { consoleHandler } from '../../src/functions/console.js';

const built = fileURLToPath(new URL('../../dist/console/', import.meta.url));

function serve(settings: Partial<Parameters<typeof consoleHandler>[1]> = {}) {
  let count = 0;
  const handler = consoleHandler(
    createConsoleFiles(built),
    {
      authMode: 'functionKeys',
      issuers: [],
      frameAncestors: "'none'",
      newNonce: () => `nonce-${++count}`,
      ...settings,
    },
    '1.2.3',
  );
  return async (path?: string, headers: Record<string, string> = {}) => {
    const params = path === undefined ? {} : { path };
    const request = new HttpRequest({ method: 'GET', url: 'http://localhost/', params, headers });
    const answer = await handler(request, new InvocationContext());
    if (typeof answer !== 'object' || answer === null) throw new Error('There was no answer.');
    const body = Buffer.from(answer.body instanceof Uint8Array ? answer.body : []);
    return { status: answer.status, headers: answer.headers as Record<string, string>, body };
  };
}

const asset = (pattern: RegExp): string => {
  const found = readdirSync(join(built, 'assets')).find((name) => pattern.test(name));
  if (found === undefined) throw new Error(`There is no asset ${pattern}.`);
  return `assets/${found}`;
};

describe('the console as it is served', () => {
  it('answers its page for every address of a screen, never from a cache', async () => {
    const get = serve();
    for (const path of [undefined, '', 'index.html', 'connections/c_1/runs/r_1']) {
      const { status, headers, body } = await get(path);
      expect(status).toBe(200);
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      expect(body.toString()).toContain('<div id="root">');
    }
  });

  it('allows styles by a nonce that is new each time, scripts of its own only, and no frame by default', async () => {
    const get = serve();
    const [first, second] = [await get(''), await get('')];
    expect(first.headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-nonce-1'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    expect(first.body.toString()).toContain('nonce="nonce-1"');
    expect(first.body.toString()).not.toContain('CSP_NONCE');
    expect(second.headers['content-security-policy']).toContain("'nonce-nonce-2'");
  });

  it('lets the page reach the identity providers of the deployment, and a portal frame it where a setting says so', async () => {
    const issuer = {
      name: 'Contoso',
      authority: 'https://login.example/tenant',
      clientId: 'c',
      scope: 'openid',
    };
    const get = serve({ issuers: [issuer], frameAncestors: "'self' https://portal.example" });
    const { headers } = await get('');
    expect(headers['content-security-policy']).toContain("connect-src 'self' https://login.example;");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'self' https://portal.example");
    expect(JSON.parse((await get('config.json')).body.toString())).toEqual({
      authMode: 'functionKeys',
      issuers: [issuer],
      version: '1.2.3',
    });
  });

  it('keeps files whose names change with their content, compressed for those who take that', async () => {
    const get = serve();
    const name = asset(/^index-.*\.js$/);
    const plain = await get(name);
    const packed = await get(name, { 'accept-encoding': 'gzip, br' });
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(plain.body.equals(readFileSync(join(built, name)))).toBe(true);
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
    expect(packed.body.byteLength).toBeLessThan(plain.body.byteLength / 2);
    expect((await get('embed.js')).headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-cache',
    });
  });

  it('answers nothing from outside of its folder, and nothing for an asset that is gone', async () => {
    const get = serve();
    for (const path of ['../main.js', '..%2fmain.js', 'assets/../../main.js', '/etc/passwd', '..\\main.js']) {
      const { headers, body } = await get(path);
      expect(headers['content-type'] ?? 'text/html; charset=utf-8').toBe('text/html; charset=utf-8');
      expect(body.toString()).not.toContain('createConsoleFiles');
    }
    expect((await get('assets/index-0000.js')).status).toBe(404);
  });
});

describe('the first load', () => {
  it('of the start page stays within 250 kB, compressed', () => {
    const seen = new Map<string, number>();
    const load = (name: string): void => {
      if (seen.has(name)) return;
      const text = readFileSync(join(built, 'assets', name), 'utf8');
      seen.set(name, gzipSync(text).byteLength);
      // Only what is imported at once; what a screen loads later is named in dynamic imports.
      for (const [, imported = ''] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) load(imported);
    };
    load(asset(/^index-.*\.js$/).replace('assets/', ''));
    load(asset(/^connections-.*\.js$/).replace('assets/', ''));
    const total = [...seen.values()].reduce((sum, size) => sum + size, 0);
    expect(seen.size).toBeGreaterThan(3);
    expect(total).toBeLessThan(250_000);
  });
});
