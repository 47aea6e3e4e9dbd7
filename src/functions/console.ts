import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import type { ConsoleFiles } from '../application/ports/console-files.js';

interface ConsoleSettings {
  readonly authMode: 'functionKeys' | 'app';
  readonly issuers: readonly ConsoleIssuer[];
  /** What may show the console in a frame, in the words of the Content-Security-Policy. */
  readonly frameAncestors: string;
  /** Cannot be guessed, and needs no escaping. */
  readonly newNonce: () => string;
}

interface ConsoleIssuer {
  readonly name: string;
  readonly authority: string;
  readonly clientId: string;
  readonly scope: string;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json; charset=utf-8',
};

const PLAIN = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' };
/** Names with a hash change when the content does. */
const FOREVER = 'public, max-age=31536000, immutable';

/**
 * Serves the console: its files, `config.json`, and its page for every other path, since the page finds the screen of an
 * address by itself.
 */
export function consoleHandler(files: ConsoleFiles, settings: ConsoleSettings, version: string): HttpHandler {
  const { authMode, issuers } = settings;
  const config = JSON.stringify({ authMode, issuers, version });
  return async (request) => {
    const path = request.params.path ?? '';
    if (path === 'config.json') return answer('json', Buffer.from(config), { 'cache-control': 'no-cache' });
    if (!path.endsWith('.html')) {
      const file = files(path);
      if (file !== undefined) return staticFile(request, path, file);
      // A page that is older than the deployment asks for files that are gone.
      if (path.startsWith('assets/'))
        return { status: 404, headers: { ...PLAIN, 'cache-control': 'no-store' } };
    }
    return page(files, 'index.html', settings.newNonce, (nonce) => policy(nonce, settings));
  };
}

/** Serves the page of the API reference, whose files are among those of the console. It asks this service only. */
export function docsHandler(files: ConsoleFiles, newNonce: () => string): HttpHandler {
  return async () =>
    page(files, 'docs.html', newNonce, (nonce) =>
      [
        ...["default-src 'none'", "script-src 'self'", `style-src 'self' 'nonce-${nonce}'`],
        // Its arrows are images in its style sheet.
        "img-src 'self' data:",
        ...["connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
      ].join('; '),
    );
}

function staticFile(
  request: HttpRequest,
  path: string,
  { content, gzipped }: { readonly content: Buffer; readonly gzipped: Buffer },
): HttpResponseInit {
  const caching = {
    'cache-control': path.startsWith('assets/') ? FOREVER : 'no-cache',
    vary: 'accept-encoding',
  };
  const type = path.slice(path.lastIndexOf('.') + 1);
  return /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '')
    ? answer(type, gzipped, { ...caching, 'content-encoding': 'gzip' })
    : answer(type, content, caching);
}

/** The page gets a new nonce each time: the style engine may add style elements with it, injected markup may not. */
function page(
  files: ConsoleFiles,
  name: string,
  newNonce: () => string,
  policyOf: (nonce: string) => string,
): HttpResponseInit {
  const file = files(name);
  if (file === undefined) return { status: 404, headers: { ...PLAIN, 'cache-control': 'no-store' } };
  const nonce = newNonce();
  const html = file.content.toString('utf8').replaceAll('CSP_NONCE', nonce);
  return answer('html', Buffer.from(html), {
    'cache-control': 'no-store',
    'content-security-policy': policyOf(nonce),
  });
}

function policy(nonce: string, { issuers, frameAncestors }: ConsoleSettings): string {
  const providers = issuers.map(({ authority }) => new URL(authority).origin);
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    `connect-src ${["'self'", ...new Set(providers)].join(' ')}`,
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${frameAncestors}`,
  ].join('; ');
}

function answer(type: string, body: Buffer, headers: Record<string, string>): HttpResponseInit {
  const contentType = TYPES[type] ?? 'application/octet-stream';
  return { status: 200, headers: { 'content-type': contentType, ...PLAIN, ...headers }, body };
}
