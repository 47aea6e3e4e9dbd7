import { z } from 'zod';
import { batchUrl } from '../../src/adapters/dataverse/api.js';
import { batchRequest, parseBatchAnswer } from '../../src/adapters/dataverse/batch-body.js';
import type { HttpRequest } from '../../src/adapters/http/client.js';
import { mapConcurrent } from '../../src/lib/map-concurrent.js';
import { replaceOf } from '../journeys/support/editors.js';
import type { BareContact } from './bare.js';
import { askAuthScape, type BareSides, timeoutMs, USERS_PER_PAGE } from './bare-reads.js';

const PARTS_PER_BATCH = 50;
const BATCHES_AT_A_TIME = 8;
const SHOWN = '$select=contactid,firstname,lastname,emailaddress1,telephone1,statecode,modifiedon';

/** What AuthScape's interface forces for a new user: search, login, reading it, and the rest by an update. */
export async function makeUser(sides: BareSides, contact: BareContact): Promise<void> {
  const { emailaddress1: email, firstname, lastname, telephone1 } = contact;
  const asked = { offset: 0, length: USERS_PER_PAGE, searchByName: email };
  for (const isActive of [true, false]) {
    await askAuthScape(sides, 'POST', 'GetUsers', { ...asked, isActive });
  }
  const login = { firstName: firstname ?? '', lastName: lastname ?? '', email };
  const id = z.int().parse(await askAuthScape(sides, 'POST', 'CreateAccount', login));
  await readUser(sides, id);
  if (isCompleted(contact)) await changeUser(sides, id, { phoneNumber: telephone1 });
}

/** Does the contact hold something that a login does not take? */
export function isCompleted({ telephone1 }: BareContact): boolean {
  return typeof telephone1 === 'string' && telephone1 !== '';
}

/** A full replace, which takes a reading before it, and shows what it made by a reading after it. */
export async function changeUser(sides: BareSides, id: number, changes: object): Promise<void> {
  const found = await readUser(sides, id);
  await askAuthScape(sides, 'PUT', 'UpdateUser', { ...replaceOf(found), id, ...changes });
  await readUser(sides, id);
}

const readUser = (sides: BareSides, id: number) => askAuthScape(sides, 'GET', `GetUser?userId=${id}`);

/** Asks for contacts with these e-mails, in as many requests. */
export async function findContacts(
  sides: BareSides,
  emails: readonly string[],
  requests: number,
): Promise<void> {
  const each = Math.min(PARTS_PER_BATCH, Math.ceil(emails.length / Math.max(requests, 1)));
  const groups = requests === 0 ? [] : grouped(emails, each);
  await mapConcurrent(groups, BATCHES_AT_A_TIME, async (group) => {
    const conditions = group.map((email) => `emailaddress1 eq '${email.replaceAll("'", "''")}'`);
    const filter = encodeURIComponent(conditions.join(' or '));
    const { text } = await sides.client.send({
      ...{ method: 'GET', url: `${contactsUrl(sides)}?${SHOWN}&$filter=${filter}`, timeoutMs },
      headers: headersOf(sides),
    });
    JSON.parse(text);
  });
}

interface ContactWrite {
  /** Undefined: a new contact. */
  readonly contactid: string | undefined;
  readonly body: object;
}

/** Writes contacts in batches without change set; each answer shows the row, as that of the product does. */
export async function writeContacts(sides: BareSides, writes: readonly ContactWrite[]): Promise<void> {
  const requests = writes.map(({ body, contactid }): HttpRequest => {
    const isNew = contactid === undefined;
    const path = isNew ? '' : `(${contactid})`;
    return {
      method: isNew ? 'POST' : 'PATCH',
      url: `${contactsUrl(sides)}${path}?${SHOWN}`,
      headers: {
        ...headersOf(sides),
        'Content-Type': 'application/json; charset=utf-8',
        Prefer: 'return=representation',
        ...(isNew ? {} : { 'If-Match': '*' }),
      },
      body: JSON.stringify(body),
      timeoutMs,
    };
  });
  await mapConcurrent(grouped(requests, PARTS_PER_BATCH), BATCHES_AT_A_TIME, async (parts) => {
    const answer = await sides.client.send(batchRequest(batchUrl(sides.info.dataverse), parts));
    const answers = parseBatchAnswer(answer)?.parts ?? [];
    const written = answers.filter((part) => part !== undefined && part.status < 300).length;
    if (written < parts.length) throw new Error(`Of ${parts.length} contacts ${written} were written.`);
  });
}

const contactsUrl = ({ info }: BareSides) => `${info.dataverse}/api/data/v9.2/contacts`;

const headersOf = ({ editors }: BareSides) => ({
  Accept: 'application/json',
  Authorization: `Bearer ${editors.dynamicsToken}`,
});

function grouped<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, at) => items.slice(at * size, (at + 1) * size));
}
