import type { HttpRequest } from '@azure/functions';
import type { Handle } from './endpoint.js';
import { entityTag } from './request.js';

/** The description of this API. It is loaded and made at the first call, as most processes are never asked for it. */
export function openApiHandlers(version: string) {
  const make = async () => {
    const [{ openApiDocument }, { allRoutes }] = await Promise.all([
      import('./routes/document.js'),
      import('./routes/table.js'),
    ]);
    const body = openApiDocument(allRoutes(), version);
    return { body, etag: entityTag(JSON.stringify(body)) };
  };
  let made: ReturnType<typeof make> | undefined;
  return {
    document: async (request: HttpRequest) => {
      made ??= make();
      const { body, etag } = await made;
      const headers = { etag, 'cache-control': 'public, max-age=300' };
      const isKnown = request.headers.get('if-none-match') === etag;
      return isKnown ? { status: 304, headers } : { status: 200, headers, body };
    },
  } satisfies Record<string, Handle>;
}
