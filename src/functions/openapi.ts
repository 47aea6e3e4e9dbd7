import type { HttpRequest } from '@azure/functions';
import type { Handle } from './endpoint.js';
import { entityTag } from './request.js';
import { openApiDocument } from './routes/document.js';
import type { Route } from './routes/route.js';

/** The description of this API. It is made at the first call, as most processes are never asked for it. */
export function openApiHandlers(routes: () => readonly Route[], version: string) {
  const make = () => {
    const body = openApiDocument(routes(), version);
    return { body, etag: entityTag(JSON.stringify(body)) };
  };
  let made: ReturnType<typeof make> | undefined;
  return {
    document: async (request: HttpRequest) => {
      made ??= make();
      const { body, etag } = made;
      const headers = { etag, 'cache-control': 'public, max-age=300' };
      const isKnown = request.headers.get('if-none-match') === etag;
      return isKnown ? { status: 304, headers } : { status: 200, headers, body };
    },
  } satisfies Record<string, Handle>;
}
