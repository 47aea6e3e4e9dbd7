import type { IncomingHttpHeaders } from 'node:http';
import { parseFilter } from './filter.js';
import type { Keys, Query, Write } from './table.js';
import { badRequest } from './table-error.js';

const MAX_PAGE = 1_000;

/** The table of an address, and the row where it names one. */
export interface Target {
  readonly table: string;
  readonly keys: Keys | undefined;
}

export interface TableRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const address = /^\/\w+\/(\w+)(?:\(\)|\(PartitionKey='(.*)',RowKey='(.*)'\))?$/;

export function targetOf({ pathname }: URL): Target {
  const [, table, partitionKey, rowKey] = address.exec(pathname) ?? [];
  if (table === undefined) throw badRequest(`No such address here: ${pathname}`);
  if (partitionKey === undefined || rowKey === undefined) return { table, keys: undefined };
  return { table, keys: { partitionKey: keyIn(partitionKey), rowKey: keyIn(rowKey) } };
}

const keyIn = (text: string) => decodeURIComponent(text).replaceAll("''", "'");

const KINDS = { PUT: 'replace', PATCH: 'merge', MERGE: 'merge', DELETE: 'delete' } as const;

export function writeOf({ body, headers, method }: TableRequest, { keys }: Target): Write {
  const given = body === '' ? {} : (JSON.parse(body) as Record<string, unknown>);
  const { PartitionKey, RowKey, 'odata.etag': _etag, ...columns } = given;
  if (keys === undefined) {
    if (method !== 'POST' || typeof PartitionKey !== 'string' || typeof RowKey !== 'string') {
      throw badRequest('An insert needs both keys.');
    }
    return { kind: 'insert', partitionKey: PartitionKey, rowKey: RowKey, ifMatch: undefined, columns };
  }
  const kind = KINDS[method as keyof typeof KINDS];
  if (kind === undefined) throw badRequest(`No such method here: ${method}`);
  return { ...keys, kind, ifMatch: headers['if-match'], columns };
}

export function queryOf({ searchParams }: URL): Query {
  const [partitionKey, rowKey] = [searchParams.get('NextPartitionKey'), searchParams.get('NextRowKey')];
  return {
    filter: parseFilter(searchParams.get('$filter') ?? ''),
    select: searchParams.get('$select')?.split(','),
    top: Math.min(Number(searchParams.get('$top') ?? MAX_PAGE), MAX_PAGE),
    from:
      partitionKey === null ? undefined : { partitionKey: plain(partitionKey), rowKey: plain(rowKey ?? '') },
  };
}

const plain = (token: string) => Buffer.from(token, 'base64').toString('utf8');

/** A key as a header and an address take it. */
export const tokenOf = (key: string) => Buffer.from(key, 'utf8').toString('base64');

/** The writes of a transaction, as the SDK puts them together. */
export function partsOf(body: string): {
  readonly changeset: string;
  readonly requests: readonly TableRequest[];
} {
  const changeset = /boundary=(changeset_[\w-]+)/.exec(body)?.[1];
  if (changeset === undefined) throw badRequest('A transaction has one change set.');
  const requests = body.split(`--${changeset}`).slice(1, -1).map(partIn);
  return { changeset, requests };
}

const part = /(?:^|\n)([A-Z]+) (\S+) HTTP\/1\.1\r?\n((?:[\w-]+:.*\r?\n)*)\s*([\s\S]*)$/;

function partIn(text: string): TableRequest {
  const [, method, url, headers, body] = part.exec(text) ?? [];
  if (method === undefined || url === undefined) throw badRequest('A part of the transaction is no request.');
  const lines = (headers ?? '').split(/\r?\n/).filter((line) => line !== '');
  const named = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { method, url: new URL(url), headers: Object.fromEntries(named), body: (body ?? '').trim() };
}
