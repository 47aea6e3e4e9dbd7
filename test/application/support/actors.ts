import type { FieldValue, FieldValues } from '../../../src/domain/values.js';
import { rowId } from './deeds.js';
import type { Harness } from './harness.js';

/** Short words for what tests of single rules do and look at. */

let emails = 0;

export function aUser(bridge: Harness, values: FieldValues = {}): string {
  emails += 1;
  const own = {
    firstName: 'Ada',
    lastName: 'Lovelace',
    email: `user${emails}@x.test`,
    isActive: true,
    ...values,
  };
  return bridge.a.people.insert('User', own);
}

export function aContact(bridge: Harness, values: FieldValues = {}): string {
  emails += 1;
  const own = { firstname: 'Ada', lastname: 'Lovelace', emailaddress1: `contact${emails}@x.test`, ...values };
  return bridge.d.people.insert('contact', own, rowId(emails));
}

export interface Pair {
  readonly a: string;
  readonly d: string;
}

/** A user and a contact that are linked and in step. */
export async function aPair(bridge: Harness, values: FieldValues = {}): Promise<Pair> {
  const a = aUser(bridge, values);
  const run = await bridge.sync('full');
  if (run.status !== 'succeeded') throw new Error(`the first run ${run.status}: ${run.error?.code}`);
  const link = (await bridge.links()).find((each) => each.authScapeId === a);
  if (link === undefined) throw new Error('the user has no partner');
  return { a, d: link.crmId };
}

export async function pairs(bridge: Harness, count: number): Promise<readonly Pair[]> {
  const ids = Array.from({ length: count }, () => aUser(bridge));
  await bridge.sync('full');
  const links = await bridge.links();
  return ids.map((a) => ({ a, d: links.find((link) => link.authScapeId === a)?.crmId ?? '' }));
}

export function user(bridge: Harness, id: string): Readonly<Record<string, FieldValue>> {
  const record = bridge.a.records.User.get(id);
  if (record === undefined) throw new Error(`no user ${id}`);
  return record.values;
}

export function contact(bridge: Harness, id: string): Readonly<Record<string, FieldValue>> {
  const row = bridge.d.tables.get('contact')?.rows.get(id);
  if (row === undefined) throw new Error(`no contact ${id}`);
  return row.values;
}

export function contacts(bridge: Harness): readonly string[] {
  return [...(bridge.d.tables.get('contact')?.rows.keys() ?? [])];
}

export async function linkOf(bridge: Harness, a: string, mappingId?: string) {
  return (await bridge.links(mappingId)).find((link) => link.authScapeId === a);
}

/** What our own calls changed since the mark, as short lines. */
export function writesSince(bridge: Harness, mark: number): readonly string[] {
  return bridge.world.changes
    .slice(mark)
    .filter(({ by }) => by !== 'person')
    .map(({ side, field, from, to }) => `${side} ${field}: ${from} -> ${to}`);
}

export const mark = (bridge: Harness): number => bridge.world.changes.length;

/** Rules of what the log says of a pair, with values. */
export async function logged(bridge: Harness, a: string): Promise<readonly string[]> {
  return (await bridge.logs())
    .filter((entry) => entry.authScapeId === a)
    .flatMap(({ status, fields, error }) => [
      ...fields.map(({ field, from, to, rule }) => `${status} ${field}: ${from} -> ${to} (${rule})`),
      ...(error === undefined ? [] : [`${status} ${error.field ?? ''} ${error.code}`]),
    ]);
}
