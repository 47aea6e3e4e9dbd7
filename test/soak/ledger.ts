import { z } from 'zod';
import type { Simulator } from '../journeys/support/simulator.js';

/** What people did on either side, what should follow from it on the other, and what was seen of that. */

export interface Person {
  readonly email: string;
  userId?: number;
  contactId?: string;
  /** Of a contact that people made: known before it has a user. */
  readonly rowId?: string;
  /** Merged: the contact was merged into another one, so the user is alone and keeps what it has. */
  state: 'alive' | 'deleted' | 'merged';
  /** What both sides should show. */
  firstName: string;
  lastName: string;
  /** A person has one at most, so that what should follow is always certain. */
  open?: Act;
}

export interface Act {
  readonly kind: 'edit' | 'creation' | 'delete';
  readonly side: 'authScape' | 'dynamics';
  readonly person: Person;
  /** Unique: the new name of an edit, else the e-mail. */
  readonly value: string;
  /** Milliseconds since 1970: when the side had taken it, and when the other one showed it. */
  readonly at: number;
  arrivedAt?: number;
}

const usersSchema = z.object({
  users: z.array(
    z.object({
      id: z.number(),
      email: z.string(),
      firstName: z.string(),
      lastName: z.string(),
      isActive: z.boolean(),
    }),
  ),
});
const contactsSchema = z.object({
  contacts: z.array(
    z.object({
      contactid: z.string(),
      emailaddress1: z.string().nullable(),
      firstname: z.string().nullable(),
      lastname: z.string().nullable(),
      statecode: z.number(),
    }),
  ),
});

type Users = ReadonlyMap<string, z.infer<typeof usersSchema>['users'][number]>;
type Contacts = ReadonlyMap<string, z.infer<typeof contactsSchema>['contacts'][number]>;

export interface Sides {
  /** By e-mail in lower case. */
  readonly users: Users;
  readonly contacts: Contacts;
  /** E-mails that a side has more than once. */
  readonly doubled: readonly string[];
}

/** All people as both sides show them now. */
export async function lookAt(authScape: Simulator, dynamics: Simulator): Promise<Sides> {
  const [{ users }, { contacts }] = await Promise.all([
    authScape.dump(usersSchema),
    dynamics.dump(contactsSchema),
  ]);
  const doubled: string[] = [];
  const byEmail = <T>(side: string, rows: readonly T[], emailOf: (row: T) => string | null) => {
    const found = new Map<string, T>();
    for (const row of rows) {
      const email = emailOf(row)?.toLowerCase() ?? '';
      if (email === '') continue;
      if (found.has(email)) doubled.push(`${side} has ${email} twice`);
      found.set(email, row);
    }
    return found;
  };
  return {
    users: byEmail('AuthScape', users, ({ email }) => email),
    contacts: byEmail('Dynamics', contacts, ({ emailaddress1 }) => emailaddress1),
    doubled,
  };
}

export class Ledger {
  readonly people: Person[] = [];
  readonly acts: Act[] = [];
  merges = 0;

  /** Those that were in step before. */
  take(emails: readonly string[], sides: Sides): void {
    for (const given of emails) {
      const email = given.toLowerCase();
      const [user, contact] = [sides.users.get(email), sides.contacts.get(email)];
      if (user === undefined || contact === undefined) continue;
      const { firstName, lastName, id: userId } = user;
      this.people.push({
        ...{ email, userId, contactId: contact.contactid, state: 'alive', firstName, lastName },
      });
    }
  }

  /** People on both sides without any change under way. */
  free(): (Person & { userId: number; contactId: string })[] {
    return this.people.filter(
      (person): person is Person & { userId: number; contactId: string } =>
        person.state === 'alive' &&
        person.open === undefined &&
        person.userId !== undefined &&
        person.contactId !== undefined,
    );
  }

  open(): Act[] {
    return this.people.flatMap(({ open }) => open ?? []);
  }

  begin(act: Omit<Act, 'at'>): void {
    const begun = { ...act, at: Date.now() };
    act.person.open = begun;
    this.acts.push(begun);
  }

  /** Closes what has arrived. */
  see(sides: Sides, now: number): void {
    for (const act of this.open()) {
      if (!hasArrived(act, sides)) continue;
      const { person } = act;
      act.arrivedAt = now;
      delete person.open;
      if (act.kind !== 'creation') continue;
      const [user, contact] = [sides.users.get(person.email), sides.contacts.get(person.email)];
      if (user !== undefined) person.userId = user.id;
      if (contact !== undefined) person.contactId = contact.contactid;
    }
  }
}

function hasArrived({ kind, side, person, value }: Act, { users, contacts }: Sides): boolean {
  const [user, contact] = [users.get(person.email), contacts.get(person.email)];
  if (kind === 'creation') return user !== undefined && contact !== undefined;
  if (kind === 'delete') return user === undefined || !user.isActive;
  return side === 'dynamics' ? user?.lastName === value : contact?.firstname === value;
}

/** How what both sides show of a person differs from what people did; undefined where it does not. */
export function wrongIn(person: Person, { users, contacts }: Sides): string | undefined {
  const [user, contact] = [users.get(person.email), contacts.get(person.email)];
  if (person.state === 'deleted') {
    const isThere = contact !== undefined || user?.isActive === true;
    return isThere ? `${person.email} was deleted and is still there` : undefined;
  }
  if (user === undefined) return `${person.email} is no user`;
  if (person.state === 'alive' && contact === undefined) return `${person.email} is no contact`;
  const shown = [
    [user.firstName, user.lastName],
    ...(person.state === 'alive' ? [[contact?.firstname, contact?.lastname]] : []),
  ].map((names) => names.join(' '));
  const wanted = `${person.firstName} ${person.lastName}`;
  const wrong = shown.find((name) => name.trim() !== wanted.trim());
  return wrong === undefined
    ? undefined
    : `${person.email} should be "${wanted}", but is ${shown.map((name) => `"${name}"`).join(' and ')}`;
}
