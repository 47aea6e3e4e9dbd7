import type { LogEntry } from '../../../src/domain/change.js';
import type { Link } from '../../../src/domain/link.js';
import type { Run, RunMode } from '../../../src/domain/run.js';
import { canonical, type FieldValue } from '../../../src/domain/values.js';
import { type Happening, lostValues, numberOf, REMOVED } from '../../model/oracle.js';
import { LIFE } from '../../support/memory-systems-world.js';
import type { Harness } from './harness.js';
import { isActiveUser, type Kin, kinOf, mayDiffer, termsOf } from './kin.js';
import { type Family, recordFaults } from './verdict-records.js';

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
    const run = await quietRun(bridge, mode);
    if (run.status !== 'succeeded' && run.status !== 'partiallySucceeded') {
      faults.push(`a quiet ${mode} run ended as ${run.status}: ${run.error?.code}`);
    }
  }
  faults.push(...(await stillWriting(bridge)));
  faults.push(...(await differences(bridge)));
  return faults;
}

/** A run of nobody but the timer and the person who approves what the mass guard holds. */
async function quietRun(bridge: Harness, mode: RunMode): Promise<Run> {
  bridge.clock.advance(700_000);
  const run = await bridge.sync(mode);
  return run.status === 'awaitingApproval' ? bridge.decide(run.id, 'approve') : run;
}

async function stillWriting(bridge: Harness): Promise<readonly string[]> {
  const before = bridge.world.changes.length;
  for (const mode of ['incremental', 'full'] as const) {
    await quietRun(bridge, mode);
  }
  return bridge.world.changes
    .slice(before)
    .map(({ side, id, field, from, to }) => `never settles: ${side} ${id} ${field} ${from} -> ${to}`);
}

async function differences(bridge: Harness): Promise<readonly string[]> {
  const logs = await bridge.logs();
  const families: Family[] = [];
  for (const kin of await kinOf(bridge)) {
    families.push({ kin, links: await bridge.links(kin.mapping.id) });
  }
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const { kin, links } of families) {
    for (const link of links) {
      if (seen.has(link.crmId)) faults.push(`row ${link.crmId} has two links`);
      seen.add(link.crmId);
      if (link.state === 'linked') faults.push(...pairFaults(bridge, kin, link, logs, families));
    }
  }
  return [...faults, ...recordFaults(bridge, families, logs)];
}

function pairFaults(
  bridge: Harness,
  kin: Kin,
  link: Link,
  logs: readonly LogEntry[],
  families: readonly Family[],
): readonly string[] {
  const name = `${kin.entity} ${link.authScapeId}/${link.crmId.slice(-4)}`;
  const a = bridge.a.records[kin.entity].get(link.authScapeId);
  const d = bridge.d.tables.get(kin.table)?.rows.get(link.crmId);
  if (a === undefined || d === undefined) {
    return [`${name} lacks ${a === undefined ? 'A' : 'D'}`];
  }
  const faults: string[] = [];
  const shown = { authScape: new Map<string, FieldValue>(), dynamics: new Map<string, FieldValue>() };
  for (const [key, column] of Object.entries(kin.texts)) {
    const [ours, theirs] = [a.values[key] ?? null, d.values[column] ?? null];
    shown.authScape.set(key, ours);
    shown.dynamics.set(key, theirs);
    const differs = canonical(ours, { kind: 'text' }) !== canonical(theirs, { kind: 'text' });
    if (!differs || mayDiffer(termsOf(kin, key), ours, theirs)) continue;
    // The form that Dynamics gives to a value does not come back where values only go there.
    const isForm = bridge.d.forms.get(column)?.(ours) === theirs;
    if (isForm && termsOf(kin, key)?.direction === 'Outbound') continue;
    if (!isFailed(logs, link, [key, column])) faults.push(`${name} differs: ${key} ${ours} / ${theirs}`);
  }
  const stateTerms = termsOf(kin, kin.entity === 'User' ? 'isActive' : 'isDeactivated');
  if (isActiveUser(kin.entity, a.values) !== (d.values.statecode === 0) && !mayDiffer(stateTerms, true, true))
    faults.push(`${name} differs: state`);
  faults.push(...lookupFaults(kin, link, [a.values, d.values], families, logs));
  faults.push(
    ...lostValues({
      name,
      shown,
      happenings: happeningsOf(bridge, kin, link),
      logged: (field, value) => isLogged(logs, kin, link, field, value),
      // A record that came back after its partner had found another one, or had gone itself, is met as a stranger's.
      mayMeetOwn: (field, value) => isFirstMerge(logs, kin, link, field, value, wasRemoved(bridge, link)),
    }),
  );
  return faults;
}

/** Where both sides lead to records that are partners of somebody, they lead to partners of each other. */
function lookupFaults(
  kin: Kin,
  link: Link,
  [ofA, ofD]: readonly Readonly<Record<string, FieldValue>>[],
  families: readonly Family[],
  logs: readonly LogEntry[],
): readonly string[] {
  return kin.lookups.flatMap(({ key, column, to }) => {
    const [ours, theirs] = [ofA?.[key] ?? null, ofD?.[column] ?? null];
    const related = families
      .filter((family) => family.kin.entity === to)
      .flatMap(({ links }) => links)
      .filter(({ state }) => state === 'linked');
    const target = related.find(({ authScapeId }) => authScapeId === ours);
    const isKnown = related.some(({ table, crmId }) => `${table}:${crmId}` === theirs);
    // What leads to a record without partner waits, and is neither followed nor emptied.
    if ((ours !== null && target === undefined) || (theirs !== null && !isKnown)) return [];
    const expected = target === undefined ? null : `${target.table}:${target.crmId}`;
    if (expected === theirs || mayDiffer(termsOf(kin, key), ours, theirs)) return [];
    if (isFailed(logs, link, [key, column])) return [];
    return [
      `${kin.entity} ${link.authScapeId}/${link.crmId.slice(-4)} differs: ${key} ${ours} / ${theirs}, not ${expected}`,
    ];
  });
}

/** Told as field errors, and allowed to differ: a value that the server turns back, a login that somebody else has or an Admin keeps. */
const LEFT_OUT: readonly string[] = ['write_ignored', 'email_taken', 'admin_login_protected'];

function isFailed(logs: readonly LogEntry[], { crmId }: Link, names: readonly string[]): boolean {
  return logs.some(
    ({ crmId: id, error }) =>
      id === crmId && LEFT_OUT.includes(error?.code ?? '') && names.includes(error?.field ?? ''),
  );
}

function happeningsOf(bridge: Harness, { texts }: Kin, { authScapeId, crmId }: Link): readonly Happening[] {
  return bridge.world.changes.flatMap(({ side, id, field, from, to, worker, ...change }): Happening[] => {
    if (id !== authScapeId && id !== crmId) return [];
    if (field === LIFE && to === null) return [{ side, field: REMOVED, from, to, by: change.by }];
    // Who did not hear what his replace had undone cannot tell anybody.
    const unheard = change.by === 'undone' && (worker?.dead === true || worker?.deaf === true);
    const by = unheard ? 'race' : change.by;
    const name = Object.entries(texts).find(
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
  { texts }: Kin,
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
          (change.field === field || change.field === texts[field]),
      ),
  );
}

function isLogged(
  logs: readonly LogEntry[],
  { texts }: Kin,
  { authScapeId, crmId }: Link,
  field: string,
  value: FieldValue,
): boolean {
  const number = numberOf(value);
  return logs.some(
    (entry) =>
      (entry.authScapeId === authScapeId || entry.crmId === crmId) &&
      entry.fields.some(
        (change) =>
          (change.field === field || change.field === texts[field]) &&
          (change.rule === 'undone' ||
            [change.from, change.to, change.dropped ?? null].some((each) => numberOf(each) === number)),
      ),
  );
}
