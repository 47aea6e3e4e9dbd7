import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { HttpRequest, InvocationContext } from '@azure/functions';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConsoleFiles } from '../../src/adapters/console-files.js';
import { consoleHandler, docsHandler } from '../../src/functions/console.js';
import { openApiDocument } from '../../src/functions/routes/document.js';
import { allRoutes } from '../../src/functions/routes/table.js';
import { launchBrowser } from './support/browser.js';

const files = createConsoleFiles(fileURLToPath(new URL('../../dist/console/', import.meta.url)));
const newNonce = () => 'nonce-1';
const docs = docsHandler(files, newNonce);
const settings = { authMode: 'functionKeys', issuers: [], frameAncestors: "'none'", newNonce } as const;
const console = consoleHandler(files, settings, '1.2.3');

/** The part of the app that the page needs, and a route that tells which key it was asked with. */
async function answer(path: string, key: string | undefined) {
  const context = new InvocationContext();
  const ask = (handler: typeof docs, params: Record<string, string>) =>
    handler(new HttpRequest({ method: 'GET', url: `http://localhost${path}`, params }), context);
  if (path === '/api/docs') return ask(docs, {});
  if (path.startsWith('/api/console/')) return ask(console, { path: path.replace('/api/console/', '') });
  const body = path === '/api/openapi.json' ? openApiDocument(allRoutes(), '1.2.3') : { key };
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

async function respond({ headers, url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
  const given = await answer(url.split('?')[0] ?? '', String(headers['x-functions-key']));
  if (typeof given !== 'object' || given === null) throw new Error('There was no answer.');
  const { headers: sent, status } = given as { headers: Record<string, string>; status: number };
  response.writeHead(status, sent).end(given.body);
}

describe('the API reference', () => {
  let server: Server;
  let browser: Browser;
  let base: string;

  beforeAll(async () => {
    server = createServer((request, response) => void respond(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await new Promise((resolve) => server?.close(resolve));
  });

  it('allows nothing but itself', async () => {
    const { headers, status } = await fetch(`${base}/api/docs`);

    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-nonce-1'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });

  it('shows every route and calls one with a key, without a fault and without anything from outside', async () => {
    const page = await browser.newPage();
    const faults: string[] = [];
    const outside: string[] = [];
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on(
      'console',
      (message) => ['error', 'warning'].includes(message.type()) && faults.push(message.text()),
    );
    page.on('request', (request) => {
      if (!/^(?:data:|blob:)/.test(request.url()) && !request.url().startsWith(base))
        outside.push(request.url());
    });
    await page.goto(`${base}/api/docs`);
    await page.getByText('Make a connection', { exact: true }).waitFor();
    expect(await page.locator('.opblock').count()).toBe(allRoutes().length);

    await page.getByRole('button', { name: 'Authorize' }).click();
    const scheme = page.locator('.auth-container').filter({ hasText: 'x-functions-key' });
    await scheme.getByRole('textbox').fill('local-key');
    await scheme.getByRole('button', { name: 'Apply credentials' }).click();
    await page.getByRole('button', { name: 'Close', exact: true }).last().click();
    await page.getByText('List connections', { exact: true }).click();
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByRole('button', { name: 'Execute' }).click();
    await page.locator('.live-responses-table').getByText('local-key').first().waitFor();

    expect({ faults, outside }).toEqual({ faults: [], outside: [] });
    await page.close();
  });
});
