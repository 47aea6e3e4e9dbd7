import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Handle } from './endpoint.js';
import { check, parseJson, readQuery, readText } from './request.js';

/** What a route does not take is refused like an unknown property: what a caller misspelt must not pass for obeyed. */
const nothing = z.strictObject({});

/** A route that takes no query, but perhaps a body. Throws `invalid_request`. */
export const withoutQuery =
  (handle: Handle): Handle =>
  async (request) => {
    readQuery(request, nothing);
    return handle(request);
  };

/** A route that takes neither query nor body; many clients send `{}` or `null` where there is nothing to say. */
export const bare = (handle: Handle): Handle =>
  withoutQuery(async (request) => {
    await refuseBody(request);
    return handle(request);
  });

async function refuseBody(request: HttpRequest): Promise<void> {
  const text = await readText(request);
  if (text.trim() !== '') check(nothing.nullable(), parseJson(request, text));
}
