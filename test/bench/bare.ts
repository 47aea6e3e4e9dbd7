import { TableClient } from '@azure/data-tables';
import { z } from 'zod';
import { mapConcurrent } from '../../src/lib/map-concurrent.js';
import type { Editors } from '../journeys/support/editors.js';
import { connectionString } from '../journeys/support/storage-scan.js';
import type { StackInfo } from '../stack/launch/stack-file.js';

/** As many requests at a time as a run of the product sends. */
const AT_A_TIME = 8;
const USERS_PER_PAGE = 500;
const COLUMNS = 'firstname,lastname,emailaddress1,telephone1,statecode,modifiedon';
const ROWS_PER_TRANSACTION = 100;

const usersSchema = z.object({
  recordsTotal: z.number(),
  data: z.array(z.looseObject({ id: z.number(), userName: z.string().nullable() })),
});
const contactsSchema = z.object({
  value: z.array(z.looseObject({ contactid: z.string(), emailaddress1: z.string().nullish() })),
  '@odata.nextLink': z.string().optional(),
});

export type BareUser = z.infer<typeof usersSchema>['data'][number];
export type BareContact = z.infer<typeof contactsSchema>['value'][number];

/** All users, page by page, active ones first. */
export async function readUsers({ authScape }: Editors): Promise<readonly BareUser[]> {
  const users: BareUser[] = [];
  for (const isActive of [true, false]) {
    for (let offset = 0; ; offset += 1) {
      const asked = { offset, length: USERS_PER_PAGE, isActive };
      const page = usersSchema.parse(await authScape('POST', 'GetUsers', asked));
      users.push(...page.data);
      if ((offset + 1) * USERS_PER_PAGE >= page.recordsTotal) break;
    }
  }
  return users;
}

/** All contacts, in pages of the size that Dataverse gives. */
export async function readContacts({ dynamics }: Editors): Promise<readonly BareContact[]> {
  const contacts: BareContact[] = [];
  let next: string | undefined = `contacts?$select=${COLUMNS}`;
  while (next !== undefined) {
    const page: z.infer<typeof contactsSchema> = contactsSchema.parse(await dynamics('GET', next));
    contacts.push(...page.value);
    next = page['@odata.nextLink']?.replace(/^.*\/api\/data\/v9\.2\//, '');
  }
  return contacts;
}

/** Reads each row of a table, a thousand a request. */
export async function readTable(info: StackInfo, table: string): Promise<number> {
  let count = 0;
  for await (const page of clientOf(info, table).listEntities().byPage({ maxPageSize: 1_000 }))
    count += page.length;
  return count;
}

/** Writes so many small rows, a hundred a transaction. */
export async function writeTable(info: StackInfo, table: string, count: number): Promise<void> {
  const client = clientOf(info, table);
  await client.createTable();
  const starts = Array.from(
    { length: Math.ceil(count / ROWS_PER_TRANSACTION) },
    (_, at) => at * ROWS_PER_TRANSACTION,
  );
  await mapConcurrent(starts, AT_A_TIME, async (start) => {
    const rows = Array.from({ length: Math.min(ROWS_PER_TRANSACTION, count - start) }, (_, n) => ({
      ...{ partitionKey: 'links', rowKey: String(start + n).padStart(9, '0') },
      data: 'x'.repeat(400),
    }));
    await client.submitTransaction(rows.map((row) => ['create', row]));
  });
}

export const emailOf = (email: string | null | undefined) => email?.trim().toLowerCase() ?? '';

export const sideBySide = <T>(items: readonly T[], work: (item: T) => Promise<unknown>) =>
  mapConcurrent(items, AT_A_TIME, work);

/** What AuthScape's interface forces for a new user: the login, then the rest. False: it takes no such login. */
export async function createUser(editors: Editors, contact: BareContact): Promise<boolean> {
  const email = contact.emailaddress1 ?? '';
  if (email === '') return false;
  const name = { firstName: textOf(contact.firstname), lastName: textOf(contact.lastname) };
  const id = z
    .int()
    .optional()
    .parse(await editors.authScape('POST', 'CreateAccount', { ...name, email }));
  if (id === undefined) return false;
  await editors.updateUser(id, { phoneNumber: contact.telephone1 ?? null });
  return true;
}

/** The contact of a user, in one request. */
export async function createContact(editors: Editors, user: BareUser): Promise<void> {
  await editors.dynamics('POST', 'contacts', contactOf(user));
}

export function contactOf(user: BareUser): Record<string, unknown> {
  return {
    firstname: user.firstName ?? null,
    lastname: user.lastName ?? null,
    emailaddress1: user.userName,
    telephone1: user.phoneNumber ?? null,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : '-';
}

function clientOf(info: StackInfo, table: string): TableClient {
  return TableClient.fromConnectionString(connectionString(info), table, { allowInsecureConnection: true });
}
