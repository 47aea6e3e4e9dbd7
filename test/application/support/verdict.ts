import type { LogEntry } from '../../../src/domain/change.js';
import type { Link } from '../../../src/domain/link.js';
import type { Run, RunMode } from '../../../src/domain/run.js';
import type { FieldValue } from '../../../src/domain/values.js';
import { type Happening, lostValues, numberOf, REMOVED } from '../../model/oracle.js';
import { LIFE, MERGED, PARTED, REJECTED } from '../../support/memory-systems-world.js';
import { agreementFaults, type Family, LEFT_OUT, nameOf, type Pair } from './agreement.js';
import type { Harness } from './harness.js';
import type { History } from './history.js';
import { identityFaults, type Keys, type World } from './identity.js';
import { KEYS, type Kin, kinOf } from './kin.js';
import { recordFaults } from './verdict-records.js';

/** Brings a history to rest and says what is wrong with what is left. */
export async function verdictOn(
  { bridge, links }: Pick<History, 'bridge' | 'links'>,
  furtherKeys: Keys = {},
): Promise<readonly string[]> {
  for (let count = 0; count < 10; count += 1) {
    const blocking = await bridge.storage.runs.blocking(bridge.connection.id);
    if (blocking === undefined) break;
    await bridge.finish(blocking.id);
  }
  await bridge.drain();
  const faults: string[] = [];
  for (const mode of ['full', 'incremental', 'full', 'full'] as const) {
    const run = await quietRun(bridge, mode);
    await linkWhatWasMade(bridge, run);
    if (run.status !== 'succeeded' && run.status !== 'partiallySucceeded') {
      faults.push(`a quiet ${mode} run ended as ${run.status}: ${run.error?.code}`);
    }
  }
  faults.push(...(await stillWriting(bridge)));
  faults.push(...(await differences(bridge, links, furtherKeys)));
  return faults;
}

/** A run of the timer only, and of the person who approves what the mass guard holds. */
async function quietRun(bridge: Harness, mode: RunMode): Promise<Run> {
  bridge.clock.advance(700_000);
  const run = await bridge.sync(mode);
  if (run.status === 'awaitingApproval') return bridge.decide(run.id, 'approve');
  // What is held since the noise belongs to the run that found it.
  const waiting = (await bridge.storage.runs.list(bridge.connection.id, 50)).items;
  for (const { id, status } of waiting) if (status === 'awaitingApproval') await bridge.decide(id, 'approve');
  return run;
}

/** A person knows which user was made for a contact, where neither shows it any more, and links the two when told of them. */
async function linkWhatWasMade(bridge: Harness, run: Run): Promise<void> {
  const made = bridge.world.changes.filter(
    ({ side, field, from, by }) => side === 'authScape' && field === LIFE && from === null && by === 'bridge',
  );
  const linked = new Set<string>();
  for (const { authScapeId, crmId, error, mappingId } of await bridge.logs(run.id)) {
    if (error?.code !== 'ambiguous_match' || authScapeId === null || crmId === null) continue;
    if (linked.has(authScapeId) || !made.some(({ id }) => id === authScapeId)) continue;
    linked.add(authScapeId);
    await bridge.engine.recordPages.link(
      bridge.connection.id,
      { mappingId, authScapeId, crmId },
      { preview: false },
    );
  }
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

async function differences(
  bridge: Harness,
  seen: World['links'],
  furtherKeys: Keys,
): Promise<readonly string[]> {
  const logs = await bridge.logs();
  const families: Family<Link>[] = [];
  for (const kin of await kinOf(bridge)) {
    families.push({ kin, links: await bridge.links(kin.mapping.id) });
  }
  const lost = families.flatMap(({ kin, links }) =>
    links.filter(({ state }) => state === 'linked').flatMap((link) => lostOf(bridge, kin, link, logs)),
  );
  return [
    ...agreementFaults(
      bridge,
      families,
      (link, names) => isFailed(logs, link, names) || isRejected(bridge, link, names),
    ),
    ...lost,
    ...recordFaults(bridge, families, logs, Object.keys(furtherKeys).length === 0),
    ...(families.every(hasSharedKey) ? identityFaults(worldOf(bridge, families, seen, furtherKeys)) : []),
  ];
}

/** What is made without its key, since that flows the other way only, cannot be told apart by it. */
export const hasSharedKey = ({ kin }: Family): boolean =>
  kin.terms.get(KEYS[kin.entity][0])?.direction === 'Bidirectional' && kin.direction === 'Bidirectional';

function worldOf(
  { world, a, d }: Harness,
  families: readonly Family<Link>[],
  seen: World['links'],
  furtherKeys: Keys,
): World {
  const kins = families.map(({ kin }) => kin);
  return {
    changes: world.changes,
    keys: Object.fromEntries(
      kins
        .flatMap(({ entity, table }) => namedKeys(entity, table))
        .map(([name, key]) => [name, [key, ...(furtherKeys[name] ?? [])]]),
    ),
    pairs: kins.map(({ entity, table }) => [entity, table]),
    links: [...seen, ...families.flatMap(({ links }) => links.filter(({ state }) => state === 'linked'))],
    shown: kins.flatMap(({ entity, table, texts }) => [
      ...[...a.records[entity].values()].map(({ id, values }) => ({
        name: `authScape ${entity} ${id}`,
        values: Object.keys(texts).map((key) => values[key] ?? null),
      })),
      ...[...(d.tables.get(table)?.rows.values() ?? [])].map(({ id, values }) => ({
        name: `dynamics ${table} ${id}`,
        values: Object.values(texts).map((column) => values[column] ?? null),
      })),
    ]),
  };
}

function namedKeys(entity: Kin['entity'], table: string): readonly (readonly [string, string])[] {
  const [key, column] = KEYS[entity];
  return [
    [entity, key],
    [table, column],
  ];
}

function lostOf(bridge: Harness, kin: Kin, link: Link, logs: readonly LogEntry[]): readonly string[] {
  const a = bridge.a.records[kin.entity].get(link.authScapeId);
  const d = bridge.d.tables.get(kin.table)?.rows.get(link.crmId);
  if (a === undefined || d === undefined) return [];
  const texts = Object.entries(kin.texts);
  return lostValues({
    name: nameOf(kin, link),
    shown: {
      authScape: new Map(texts.map(([key]) => [key, a.values[key] ?? null])),
      dynamics: new Map(texts.map(([key, column]) => [key, d.values[column] ?? null])),
    },
    happenings: happeningsOf(bridge, kin, link),
    logged: (field, value) => isLogged(logs, kin, link, field, value),
    // A record that came back after its partner had found another one, or had gone itself, is met as a stranger's.
    mayMeetOwn: (field, value) =>
      isFirstMerge(logs, kin, link, field, value, wasRemoved(bridge, link)) ||
      (isRestoredMaster(bridge, link) && d.values[kin.texts[field] ?? ''] === value),
  });
}

function isFailed(logs: readonly LogEntry[], { crmId }: Pair, names: readonly string[]): boolean {
  return logs.some(
    ({ crmId: id, error }) =>
      id === crmId && LEFT_OUT.includes(error?.code ?? '') && names.includes(error?.field ?? ''),
  );
}

/** What a person rejected is not written: the sides differ there for good. */
function isRejected({ world }: Harness, { crmId }: Pair, names: readonly string[]): boolean {
  return world.changes.some(
    ({ id, field, to }) =>
      id === crmId && field === REJECTED && names.some((name) => String(to).endsWith(`:${name}`)),
  );
}

function happeningsOf(bridge: Harness, { texts }: Kin, { authScapeId, crmId }: Link): readonly Happening[] {
  return bridge.world.changes.flatMap(({ side, id, field, from, to, worker, ...change }): Happening[] => {
    if (id !== authScapeId && id !== crmId) return [];
    if (field === LIFE && to === null) return [{ side, field: REMOVED, from, to, by: change.by }];
    // A caller that did not hear what its replace had undone cannot report it.
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
    ({ id, field, to }) =>
      ((field === LIFE && to === null) || field === PARTED) && (id === authScapeId || id === crmId),
  );
}

/** A person restored the row and merged its successor into it: the pair goes on with what that row shows. */
function isRestoredMaster({ world }: Harness, { crmId }: Pair): boolean {
  const gone = world.changes.findIndex(({ field, id, to }) => id === crmId && field === LIFE && to === null);
  return gone >= 0 && world.changes.slice(gone).some(({ field, to }) => field === MERGED && to === crmId);
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
