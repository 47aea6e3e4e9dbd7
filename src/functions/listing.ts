import { z } from 'zod';
import { BridgeError } from '../domain/errors.js';
import type { Answer } from './endpoint.js';
import { pageQuery } from './request.js';

/** Answers of lists, and paging through lists that are read as a whole. */

export const listQuery = z.strictObject(pageQuery);

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export function listAnswer(page: {
  readonly items: readonly unknown[];
  readonly nextCursor?: string | undefined;
}): Answer {
  return { status: 200, body: { items: page.items, nextCursor: page.nextCursor } };
}

/** One page of a list at hand; the cursor is its position. */
export function pageOf<T>(
  all: readonly T[],
  { limit, cursor }: PageRequest,
): { items: readonly T[]; nextCursor?: string | undefined } {
  const start = cursor === undefined ? 0 : readOffset(cursor);
  const end = start + limit;
  return { items: all.slice(start, end), nextCursor: end < all.length ? `o${end.toString(36)}` : undefined };
}

function readOffset(cursor: string): number {
  const [, digits] = /^o([\da-z]{1,8})$/.exec(cursor) ?? [];
  if (digits === undefined) {
    throw new BridgeError('invalid_request', 'The query is not valid.', {
      errors: [{ path: 'cursor', message: 'Must come from the answer before.' }],
    });
  }
  return Number.parseInt(digits, 36);
}
