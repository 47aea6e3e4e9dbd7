import { z } from 'zod';
import { canonical, type FieldValue } from '../../../src/domain/values.js';
import { numberOf } from '../../model/oracle.js';
import { bothSides, type Contact, type Journey, type User } from './journey.js';
import type { PersonsAct } from './mirror.js';
import type { Told } from './noise.js';
import type { Link } from './shapes.js';
import { writesIn } from './simulator.js';
import { until } from './wait.js';

const FIELDS = [
  ['firstName', 'firstname'],
  ['lastName', 'lastname'],
  ['email', 'emailaddress1'],
  ['phoneNumber', 'telephone1'],
] as const;
const entrySchema = z.looseObject({
  authScapeId: z.string().nullish(),
  crmId: z.string().nullish(),
  fields: z.array(z.looseObject({ field: z.string(), rule: z.string() })),
  error: z.looseObject({ code: z.string(), field: z.string().optional() }).nullish(),
});
const ENDED = ['succeeded', 'partiallySucceeded'];
/** Codes of fields that a rule lets differ, and says so. */
const TOLD_DIFFERENT = ['write_ignored', 'field_oscillates'];

/** Brings a noisy connection to rest and says what is wrong with what is left. */
export async function verdictOn(journey: Journey, connectionId: string, told: Told): Promise<string[]> {
  const { api } = journey;
  await until('no run is under way and no message waits', () => isQuiet(journey, connectionId), {
    withinMs: 90_000,
    everyMs: 100,
  });
  const faults: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    const run = await api.sync(connectionId, { mode: 'full' });
    if (!ENDED.includes(run.status)) faults.push(`a quiet run ended as ${run.status}: ${run.error?.code}`);
    const { created, updated, linked, deactivated, deleted, failed } = run.counts;
    if (created + updated + linked + deactivated + deleted + failed === 0) break;
  }
  await Promise.all([journey.dynamics.clearRequests(), journey.authScape.clearRequests()]);
  await api.sync(connectionId, { mode: 'full' });
  for (const simulator of [journey.dynamics, journey.authScape]) {
    const writes = writesIn(await simulator.requests());
    if (Object.keys(writes).length > 0) faults.push(`never settles: ${JSON.stringify(writes)}`);
  }
  return [...faults, ...(await differences(journey, connectionId, told))];
}

async function isQuiet(journey: Journey, connectionId: string): Promise<boolean> {
  const runs = await journey.api.runs(connectionId).catch(() => undefined);
  const areEnded = runs?.every(({ status }) => !['queued', 'running'].includes(status)) ?? false;
  return areEnded && (await journey.waitingMessages()) === 0;
}

async function differences(journey: Journey, connectionId: string, told: Told): Promise<string[]> {
  const { authScape, dynamics } = await bothSides(journey);
  const links = await journey.api.links(connectionId);
  const tombstones = await journey.api.links(connectionId, '?state=tombstone');
  const logs = await journey.api.all(entrySchema, `connections/${connectionId}/logs`);
  const { users } = authScape;
  const { contacts } = dynamics;
  const mayDiffer = (link: Link, column: string) =>
    logs.some(
      ({ crmId, error }) =>
        crmId === link.crmId && TOLD_DIFFERENT.includes(error?.code ?? '') && error?.field === column,
    );
  const pairs = links.flatMap((link) => {
    const user = users.find(({ id }) => String(id) === link.authScapeId);
    const contact = contacts.find(({ contactid }) => contactid === link.crmId);
    const name = `pair ${link.authScapeId}/${link.crmId}`;
    if (user === undefined || contact === undefined) return [`${name} lacks one of its records`];
    return differing(user, contact, (column) => mayDiffer(link, column)).map((text) => `${name} ${text}`);
  });
  const known = [...links, ...tombstones];
  return [
    ...pairs,
    ...twice(links.map(({ authScapeId }) => `user ${authScapeId}`)),
    ...twice(links.map(({ crmId }) => `row ${crmId}`)),
    ...alone(
      users,
      ({ email }) => email,
      ({ id, isActive }) => isActive && !known.some((link) => link.authScapeId === String(id)),
    ),
    ...alone(
      contacts,
      (row) => row.emailaddress1,
      (row) => row.statecode === 0 && !known.some((link) => link.crmId === row.contactid),
    ),
    ...lost(told, { users, contacts }, logs, await journey.authScape.unseen()),
  ];
}

function differing(user: User, contact: Contact, mayDiffer: (column: string) => boolean): string[] {
  const text = (value: FieldValue) => canonical(value, { kind: 'text' });
  const faults = FIELDS.filter(
    ([key, column]) => text(user[key]) !== text(contact[column]) && !mayDiffer(column),
  ).map(([key, column]) => `differs: ${key} ${user[key]} / ${contact[column]}`);
  return user.isActive === (contact.statecode === 0) ? faults : [...faults, 'differs: state'];
}

function twice(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} has two links`);
}

/** Whoever is active and the only one with its key has a partner, or had one. */
function alone<T>(
  all: readonly T[],
  keyOf: (one: T) => string | null,
  isWithout: (one: T) => boolean,
): string[] {
  return all
    .filter((one) => isWithout(one) && keyOf(one) !== null)
    .filter(
      (one) => all.filter((other) => keyOf(other)?.toLowerCase() === keyOf(one)?.toLowerCase()).length === 1,
    )
    .map((one) => `${keyOf(one)} is alone`);
}

/**
 * The last value that a person gave to a field of a record that is still there is to be seen on one of the sides or
 * named in the log. What our full replace undid in AuthScape is named by its field there, since the answer does not tell
 * the value; what it replaced on purpose without having seen it nobody can know of, nor what it undid where the answer got lost.
 */
function lost(
  told: Told,
  shown: { users: readonly User[]; contacts: readonly Contact[] },
  logs: readonly z.infer<typeof entrySchema>[],
  unseen: Awaited<ReturnType<Journey['authScape']['unseen']>>,
): string[] {
  const everything = JSON.stringify([shown, logs]);
  const undone = new Set(
    logs.flatMap(({ authScapeId, fields }) =>
      fields.filter(({ rule }) => rule === 'undone').map(({ field }) => `${authScapeId} ${field}`),
    ),
  );
  const isUnseen = ({ id, field, to }: PersonsAct['changes'][number]) =>
    unseen.some(
      ({ userId, member, value }) =>
        String(userId) === id && member.toLowerCase() === field.toLowerCase() && value === to,
    );
  const last = new Map<string, PersonsAct['changes'][number]>();
  for (const change of told.acts.flatMap(({ changes }) => changes)) {
    last.set(`${change.side} ${change.id} ${change.field}`, change);
  }
  return [...last.values()]
    .filter((change) => change.side === 'dynamics' || !isUnseen(change))
    .filter(({ side, id, field }) => side === 'dynamics' || !(told.wasDeaf || undone.has(`${id} ${field}`)))
    .filter(({ field }) => FIELDS.some((names) => names.some((name) => name === field)))
    .filter(({ side, id }) =>
      side === 'authScape'
        ? shown.users.some((user) => String(user.id) === id)
        : shown.contacts.some((contact) => contact.contactid === id),
    )
    .filter(({ to }) => numberOf(to) !== null && !new RegExp(`\\D${numberOf(to)}\\D`).test(everything))
    .map(({ side, id, field, to }) => `the last edit ${side} ${id} ${field} = ${to} is nowhere`);
}
