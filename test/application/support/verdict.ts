import type { LogEntry } from '../../../src/domain/change.js';
import type { Link } from '../../../src/domain/link.js';
import { canonical, type FieldValue } from '../../../src/domain/values.js';
import { type Happening, lostValues, numberOf, REMOVED } from '../../model/oracle.js';
import { LIFE } from '../../support/memory-systems-world.js';
import type { Harness } from './harness.js';

/** Fields of users under both names. */
const FIELDS: Readonly<Record<string, string>> = {
  firstName: 'firstname',
  lastName: 'lastname',
  email: 'emailaddress1',
  phoneNumber: 'telephone1',
};

/** Brings a history to rest and says what is wrong with what is left. */
export async function verdictOn(bridge: Harness): Promise<readonly string[]> {
  for (let count = 0; count < 10; count += 1) {
    const blocking = await bridge.storage.runs.blocking(bridge.connection.id);
    if (blocking === undefined) break;
    await bridge.finish(blocking.id);
  }
  await bridge.drain();
  const faults: string[] = [];
  for (const mode of ['full', 'incremental', 'full', 'full'] as const) {
    bridge.clock.advance(700_000);
    const run = await bridge.sync(mode);
    if (run.status !== 'succeeded' && run.status !== 'partiallySucceeded') {
      faults.push(`a quiet ${mode} run ended as ${run.status}: ${run.error?.code}`);
    }
  }
  faults.push(...(await stillWriting(bridge)));
  faults.push(...(await differences(bridge)));
  return faults;
}

async function stillWriting(bridge: Harness): Promise<readonly string[]> {
  const before = bridge.world.changes.length;
  for (const mode of ['incremental', 'full'] as const) {
    bridge.clock.advance(700_000);
    await bridge.sync(mode);
  }
  return bridge.world.changes
    .slice(before)
    .map(({ side, id, field, from, to }) => `never settles: ${side} ${id} ${field} ${from} -> ${to}`);
}

async function differences(bridge: Harness): Promise<readonly string[]> {
  const faults: string[] = [];
  const logs = await bridge.logs();
  const links = await bridge.links();
  const contacts = bridge.d.tables.get('contact')?.rows ?? new Map();
  const seen = new Set<string>();
  for (const link of links) {
    if (seen.has(link.crmId)) faults.push(`row ${link.crmId} has two links`);
    seen.add(link.crmId);
    const name = `pair ${link.authScapeId}/${link.crmId.slice(-4)} (${link.state} ${link.tombstone?.reason ?? ''})`;
    const a = bridge.a.records.User.get(link.authScapeId);
    const d = contacts.get(link.crmId);
    if (link.state !== 'linked') continue;
    if (a === undefined || d === undefined) {
      faults.push(`${name} lacks ${a === undefined ? 'A' : 'D'}`);
      continue;
    }
    const shown = { authScape: new Map<string, FieldValue>(), dynamics: new Map<string, FieldValue>() };
    for (const [key, column] of Object.entries(FIELDS)) {
      shown.authScape.set(key, a.values[key] ?? null);
      shown.dynamics.set(key, d.values[column] ?? null);
      const differs =
        canonical(a.values[key], { kind: 'text' }) !== canonical(d.values[column], { kind: 'text' });
      if (differs && !isFailed(logs, link, [key, column])) {
        faults.push(`${name} differs: ${key} ${a.values[key]} / ${d.values[column]}`);
      }
    }
    if ((a.values.isActive === true) !== (d.values.statecode === 0)) faults.push(`${name} differs: state`);
    faults.push(
      ...lostValues({
        name,
        shown,
        happenings: happeningsOf(bridge, link.authScapeId, link.crmId),
        logged: (field, value) => isLogged(logs, link.authScapeId, link.crmId, field, value),
        // A record that came back after its partner had found another one, or had gone itself, is met as a stranger's.
        mayMeetOwn: (field, value) => isFirstMerge(logs, link, field, value, wasRemoved(bridge, link)),
      }),
    );
  }
  faults.push(...unpartnered(bridge, links), ...wronglyRemoved(bridge, logs), ...duplicates(bridge));
  faults.push(...orphans(bridge, links));
  return faults;
}

/** Told as field errors, and allowed to differ: a value that the server turns back, a login that somebody else has. */
const LEFT_OUT: readonly string[] = ['write_ignored', 'email_taken'];

function isFailed(logs: readonly LogEntry[], { crmId }: Link, names: readonly string[]): boolean {
  return logs.some(
    ({ crmId: id, error }) =>
      id === crmId && LEFT_OUT.includes(error?.code ?? '') && names.includes(error?.field ?? ''),
  );
}

/** What we deactivate or delete had a partner that a person (or a cascade) deactivated or deleted before. */
function wronglyRemoved(bridge: Harness, logs: readonly LogEntry[]): readonly string[] {
  const { changes } = bridge.world;
  return changes.flatMap(({ side, id, field, from, to, by }, index) => {
    if (by !== 'bridge' || !isRemoval(field, to)) return [];
    // A survivor that was deactivated may make its next partner inactive, too.
    const partners = new Set(
      partnersOf(logs, id).flatMap((partner) => [partner, ...partnersOf(logs, partner)]),
    );
    const cause = changes
      .slice(0, index)
      .some((other) => partners.has(other.id) && other.by !== 'bridge' && isRemoval(other.field, other.to));
    return cause || partners.size === 0
      ? []
      : [`${side} ${id} was removed for no reason: ${field} ${from} -> ${to}`];
  });
}

function partnersOf(logs: readonly LogEntry[], id: string): readonly string[] {
  const found = logs.flatMap(({ authScapeId, crmId }) =>
    authScapeId === id ? [crmId] : crmId === id ? [authScapeId] : [],
  );
  return [...new Set(found.filter((partner) => partner !== null))];
}

function isRemoval(field: string, to: FieldValue): boolean {
  return (
    (field === LIFE && to === null) ||
    (field === 'isActive' && to === false) ||
    (field === 'statecode' && to === 1)
  );
}

/** Of one key we make no second record, unless the other one came at the same moment. */
function duplicates(bridge: Harness): readonly string[] {
  const alive = new Map<string, { side: string; email: FieldValue; since: number }>();
  const faults: string[] = [];
  for (const { side, id, field, to, by, at } of bridge.world.changes) {
    if (field === LIFE && to === null) alive.delete(id);
    if (field === LIFE && to !== null) alive.set(id, { side, email: null, since: at });
    const record = alive.get(id);
    if (record === undefined || (field !== 'email' && field !== 'emailaddress1')) continue;
    const twin = [...alive.values()].some(
      (other) => other.side === side && other.email === to && at - other.since > MOMENT_MS,
    );
    const isNew = record.email === null && record.since === at;
    if (by === 'bridge' && isNew && twin) faults.push(`${side} ${id} is a duplicate of ${to}`);
    alive.set(id, { ...record, email: to });
  }
  return faults;
}

/** What we made, we made for a record of the other side: it has a partner as long as it lives, or had one. */
function orphans(bridge: Harness, links: readonly Link[]): readonly string[] {
  const alive = new Set<string>();
  for (const { side, id, field, to, by } of bridge.world.changes) {
    // A user whose e-mail a person changed before its maker's successor came cannot be found again.
    if ((field === LIFE && to === null) || (field === 'email' && by === 'person'))
      alive.delete(`${side} ${id}`);
    else if (field === LIFE && by === 'bridge') alive.add(`${side} ${id}`);
  }
  // Where the row went meanwhile, an inactive user gets no other one: nobody asks for whom it was made.
  for (const { id, values } of bridge.a.records.User.values()) {
    if (values.isActive !== true) alive.delete(`authScape ${id}`);
  }
  for (const { authScapeId, crmId } of links) {
    alive.delete(`authScape ${authScapeId}`);
    alive.delete(`dynamics ${crmId}`);
  }
  return [...alive].map((name) => `${name} was made for nobody`);
}

/** Between our asking for a key and our creating a record time may be made to leap; longer leaps end in a new step. */
const MOMENT_MS = 500_000;

/** Whoever is active and the only one with its key has a partner, or had one, unless the key's owner has another one. */
function unpartnered(bridge: Harness, links: Awaited<ReturnType<Harness['links']>>): readonly string[] {
  const users = [...bridge.a.records.User.values()].map(({ id, values }) => ({
    name: `user ${id}`,
    email: values.email,
    active: values.isActive === true,
    known: links.some((link) => link.authScapeId === id),
  }));
  const rows = [...(bridge.d.tables.get('contact')?.rows.values() ?? [])].map(({ id, values }) => ({
    name: `contact ${id}`,
    email: values.emailaddress1,
    active: values.statecode === 0,
    known: links.some((link) => link.crmId === id),
  }));
  return [users, rows].flatMap((side) =>
    side
      .filter(({ active, email, known }) => {
        const alike = side.filter((other) => other.email === email);
        const isTaken = [...users, ...rows].some((other) => other.email === email && other.known);
        return active && !known && alike.length === 1 && !isTaken;
      })
      .map(({ name }) => `${name} is alone`),
  );
}

function happeningsOf(bridge: Harness, authScapeId: string, crmId: string): readonly Happening[] {
  return bridge.world.changes.flatMap(({ side, id, field, from, to, worker, ...change }): Happening[] => {
    if (id !== authScapeId && id !== crmId) return [];
    if (field === LIFE && to === null) return [{ side, field: REMOVED, from, to, by: change.by }];
    // Who did not hear what his replace had undone cannot tell anybody.
    const unheard = change.by === 'undone' && (worker?.dead === true || worker?.deaf === true);
    const by = unheard ? 'race' : change.by;
    const name = Object.entries(FIELDS).find(
      ([key, column]) => field === (side === 'dynamics' ? column : key),
    )?.[0];
    return name === undefined ? [] : [{ side, field: name, from, to, by }];
  });
}

function wasRemoved(bridge: Harness, { authScapeId, crmId }: Link): boolean {
  return bridge.world.changes.some(
    ({ id, field, to }) => field === LIFE && to === null && (id === authScapeId || id === crmId),
  );
}

function isFirstMerge(
  logs: readonly LogEntry[],
  { authScapeId, crmId }: Link,
  field: string,
  value: FieldValue,
  withOwn: boolean,
): boolean {
  return logs.some(
    (entry) =>
      (withOwn
        ? entry.authScapeId === authScapeId || entry.crmId === crmId
        : (entry.authScapeId === authScapeId) !== (entry.crmId === crmId)) &&
      entry.fields.some(
        (change) =>
          change.rule === 'firstMerge' &&
          change.to === value &&
          (change.field === field || change.field === FIELDS[field]),
      ),
  );
}

function isLogged(
  logs: readonly LogEntry[],
  authScapeId: string,
  crmId: string,
  field: string,
  value: FieldValue,
): boolean {
  const number = numberOf(value);
  return logs.some(
    (entry) =>
      (entry.authScapeId === authScapeId || entry.crmId === crmId) &&
      entry.fields.some(
        (change) =>
          (change.field === field || change.field === FIELDS[field]) &&
          (change.rule === 'undone' ||
            [change.from, change.to, change.dropped ?? null].some((each) => numberOf(each) === number)),
      ),
  );
}
