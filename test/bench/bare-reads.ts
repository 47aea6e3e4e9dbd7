import { z } from 'zod';
import { createHttpClient, type HttpClient } from '../../src/adapters/http/client.js';
import type { Editors } from '../journeys/support/editors.js';
import type { StackInfo } from '../stack/launch/stack-file.js';
import { readTable } from './bare.js';

export const USERS_PER_PAGE = 500;
const ROWS_PER_PAGE = 5_000;
const COLUMNS = 'firstname,lastname,emailaddress1,telephone1,statecode,modifiedon';
export const timeoutMs = 120_000;

const userSchema = z.looseObject({ firstName: z.string().nullable(), lastName: z.string().nullable() });
const usersSchema = z.object({ recordsTotal: z.number(), data: z.array(userSchema) });
const rowsSchema = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().optional() });

/** Both systems, over the product's own HTTP client and with the tokens of the editors. */
export interface BareSides {
  readonly client: HttpClient;
  readonly info: StackInfo;
  readonly editors: Editors;
}

/** Sends a request to AuthScape; undefined: it answers with nothing. */
export async function askAuthScape(
  { client, editors, info }: BareSides,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: object,
): Promise<unknown> {
  const { text } = await client.send({
    ...{ method, url: `${info.authScape}/api/UserManagement/${path}`, timeoutMs },
    headers: { authorization: `Bearer ${editors.authScapeToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return text === '' ? undefined : JSON.parse(text);
}

/**
 * What a run that finds nothing cannot do without: the same pages of both systems and the links, once, over the product's
 * own HTTP client and one after the other, and nothing done with them.
 */
export async function readBare(info: StackInfo, editors: Editors): Promise<number> {
  const client = createHttpClient();
  try {
    const sides = { client, info, editors };
    const contacts = await countRows(contactPages(sides));
    const users = await countRows(userPages(sides));
    return contacts + users + (await readTable(info, 'Links'));
  } finally {
    client.close();
  }
}

export async function countRows(pages: AsyncIterable<readonly unknown[]>): Promise<number> {
  let count = 0;
  for await (const page of pages) count += page.length;
  return count;
}

/** All contacts, as a run reads them. */
export async function* contactPages({
  client,
  editors,
  info,
}: BareSides): AsyncGenerator<readonly unknown[]> {
  const prefer = `odata.track-changes,odata.maxpagesize=${ROWS_PER_PAGE}`;
  const headers = { authorization: `Bearer ${editors.dynamicsToken}`, accept: 'application/json', prefer };
  let url: string | undefined = `${info.dataverse}/api/data/v9.2/contacts?$select=${COLUMNS}`;
  while (url !== undefined) {
    const { text } = await client.send({ method: 'GET', url, headers, timeoutMs });
    const page: z.infer<typeof rowsSchema> = rowsSchema.parse(JSON.parse(text));
    yield page.value;
    url = page['@odata.nextLink']?.replace(/^https?:\/\/[^/]+/, info.dataverse);
  }
}

/**
 * All users, active ones first. After each page come the records that share their name with its last row, as a list without
 * a unique order makes necessary; they are not given out again.
 */
export async function* userPages(sides: BareSides): AsyncGenerator<readonly unknown[]> {
  const ask = async (query: object) =>
    usersSchema.parse(await askAuthScape(sides, 'POST', 'GetUsers', query));
  for (const isActive of [true, false]) {
    for (let offset = 0; ; offset += 1) {
      const { data, recordsTotal } = await ask({ offset, length: USERS_PER_PAGE, isActive });
      yield data;
      const [end, last] = [(offset + 1) * USERS_PER_PAGE, data.at(-1)];
      if (end >= recordsTotal || last === undefined) break;
      await ask({ offset: 0, length: end, isActive, searchByName: `${last.firstName} ${last.lastName}` });
    }
  }
}
