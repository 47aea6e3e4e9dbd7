import { TableClient } from '@azure/data-tables';
import { z } from 'zod';
import type { Editors } from '../journeys/support/editors.js';
import { connectionString } from '../journeys/support/storage-scan.js';
import type { StackInfo } from '../stack/launch/stack-file.js';

const USERS_PER_PAGE = 500;
const COLUMNS = 'firstname,lastname,emailaddress1,telephone1,statecode,modifiedon';
const LINKS_PER_PAGE = 1_000;

export const userSchema = z.looseObject({ id: z.number(), userName: z.string().nullable() });
export const contactSchema = z.looseObject({ contactid: z.string(), emailaddress1: z.string().nullish() });
const usersSchema = z.object({ recordsTotal: z.number(), data: z.array(userSchema) });
const contactsSchema = z.object({
  value: z.array(contactSchema),
  '@odata.nextLink': z.string().optional(),
});

export type BareUser = z.infer<typeof userSchema>;
export type BareContact = z.infer<typeof contactSchema>;

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
  const client = TableClient.fromConnectionString(connectionString(info), table, {
    allowInsecureConnection: true,
  });
  let count = 0;
  for await (const page of client.listEntities().byPage({ maxPageSize: LINKS_PER_PAGE }))
    count += page.length;
  return count;
}

export const emailOf = (email: string | null | undefined) => email?.trim().toLowerCase() ?? '';

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
