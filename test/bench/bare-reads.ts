import { z } from 'zod';
import { createHttpClient, type HttpClient } from '../../src/adapters/http/client.js';
import type { Editors } from '../journeys/support/editors.js';
import type { StackInfo } from '../stack/launch/stack-file.js';
import { readTable } from './bare.js';

const USERS_PER_PAGE = 500;
const ROWS_PER_PAGE = 5_000;
const COLUMNS = 'firstname,lastname,emailaddress1,telephone1,statecode,modifiedon';
const timeoutMs = 120_000;

const userSchema = z.looseObject({ firstName: z.string().nullable(), lastName: z.string().nullable() });
const usersSchema = z.object({ recordsTotal: z.number(), data: z.array(userSchema) });
const rowsSchema = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().optional() });

/**
 * What a run that finds nothing cannot do without: the same pages of both systems and the links, once, over the product's
 * own HTTP client and one after the other, and nothing done with them.
 */
export async function readBare(info: StackInfo, editors: Editors): Promise<number> {
  const client = createHttpClient();
  try {
    const contacts = await readContacts(client, info, editors.dynamicsToken);
    const users = await readUsers(client, info, editors.authScapeToken);
    return contacts + users + (await readTable(info, 'Links'));
  } finally {
    client.close();
  }
}

async function readContacts(client: HttpClient, info: StackInfo, token: string): Promise<number> {
  const prefer = `odata.track-changes,odata.maxpagesize=${ROWS_PER_PAGE}`;
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', prefer };
  let url: string | undefined = `${info.dataverse}/api/data/v9.2/contacts?$select=${COLUMNS}`;
  let count = 0;
  while (url !== undefined) {
    const { text } = await client.send({ method: 'GET', url, headers, timeoutMs });
    const page: z.infer<typeof rowsSchema> = rowsSchema.parse(JSON.parse(text));
    count += page.value.length;
    url = page['@odata.nextLink']?.replace(/^https?:\/\/[^/]+/, info.dataverse);
  }
  return count;
}

/** After each page the records that share their name with its last row, as a list without a unique order makes necessary. */
async function readUsers(client: HttpClient, info: StackInfo, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const url = `${info.authScape}/api/UserManagement/GetUsers`;
  const ask = async (query: object) => {
    const { text } = await client.send({
      method: 'POST',
      url,
      headers,
      body: JSON.stringify(query),
      timeoutMs,
    });
    return usersSchema.parse(JSON.parse(text));
  };
  let count = 0;
  for (const isActive of [true, false]) {
    for (let offset = 0; ; offset += 1) {
      const { data, recordsTotal } = await ask({ offset, length: USERS_PER_PAGE, isActive });
      count += data.length;
      const [end, last] = [(offset + 1) * USERS_PER_PAGE, data.at(-1)];
      if (end >= recordsTotal || last === undefined) break;
      await ask({ offset: 0, length: end, isActive, searchByName: `${last.firstName} ${last.lastName}` });
    }
  }
  return count;
}
