import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { eraseRecord } from '../../../src/application/inspection/erase-record.js';
import { aContact, aPair, aUser, contact, linkOf, mark, user, writesSince } from '../support/actors.js';
import { inEarlierPlaces } from '../support/earlier-log.js';
import { createHarness, type Harness } from '../support/harness.js';

const TABLES = [
  ...(['Connections', 'Mappings', 'Feeds', 'Runs', 'Logs', 'Idempotency', 'Links', 'LinkClaims'] as const),
  ...(['KeyClaims', 'Staging', 'Backlog', 'Webhooks', 'DeadLetters', 'Audit', 'Problems', 'Stats'] as const),
];

/** Everything that is stored, also what is packed, row by row with its columns in one text. */
function stored({ storage }: Harness): readonly string[] {
  const rows = TABLES.flatMap((name) =>
    storage.tables.rows(name).map((row) => {
      const columns = Object.entries(row)
        .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
        .map(([, cell]) => String(cell));
      const packed = /^"?(?:deflate:)?([A-Za-z0-9+/=]{8,})"?$/;
      const unpacked = columns.flatMap((cell) => inflated(packed.exec(cell)?.[1]));
      return `${name}: ${columns.join('')} ${unpacked.join(' ')}`;
    }),
  );
  return [...rows, ...storage.jobs.waiting().map(({ job }) => `queue: ${JSON.stringify(job)}`)];
}

function inflated(base64: string | undefined): readonly string[] {
  try {
    return base64 === undefined ? [] : [inflateRawSync(Buffer.from(base64, 'base64')).toString('utf8')];
  } catch {
    // Not packed after all.
    return [];
  }
}

const VALUES = ['Zebulon', 'Quixley', 'zebulon.quixley@x.test', '+1 555 0199', '+1 555 0177'];
const found = (bridge: Harness, values: readonly string[] = VALUES) =>
  stored(bridge).filter((text) => values.some((value) => text.includes(value)));

const zebulon = {
  ...{ firstName: 'Zebulon', lastName: 'Quixley', email: 'zebulon.quixley@x.test' },
  phoneNumber: '+1 555 0199',
};

function erase(bridge: Harness, asked: { authScapeId?: string; crmId?: string }) {
  const { clock, connection, storage } = bridge;
  return eraseRecord({ ...storage, clock })(connection.id, { entity: 'User', ...asked });
}

/** A person whose values have got into everything that stores any. */
async function givenTraces() {
  const bridge = await createHarness();
  const { storage, connection } = bridge;
  const { a, d } = await aPair(bridge, zebulon);
  bridge.clock.advance(60_000);
  bridge.d.people.set('contact', d, { telephone1: '+1 555 0177' });
  bridge.a.people.set('User', a, { phoneNumber: '+1 555 0123' });
  const dry = await bridge.sync('full', { dryRun: true });
  await bridge.sync('incremental');
  bridge.a.people.set('User', a, { email: 'no address of Zebulon' });
  await bridge.sync('incremental');
  await storage.problems.note(connection.id, [
    {
      ...({ kind: 'failed', mappingId: 'm_1234567890', entity: 'User', crmEntity: 'contact' } as const),
      ...{ authScapeId: a, crmId: d, code: 'refused', message: 'Zebulon is there twice.', field: null },
      ...{ lastSeenAt: '2026-03-01T08:00:00Z', runId: null },
    },
  ]);
  const scope = { connectionId: connection.id, runId: dry.id, mappingId: 'm_1234567890' };
  await storage.staging.putRecords(scope, 'authScape', [
    {
      ...{ key: a, id: a, values: zebulon, active: true, complete: true, etag: null, modifiedOn: null },
      ...{ mergedInto: null, roles: null, readAt: 0, deleted: false, inFilter: true },
    },
  ]);
  await storage.keyReservations.take(connection.id, 'digest of the match key', 'gone', 0, d);
  const job = {
    ...({ v: 1, kind: 'record', connectionId: connection.id, source: 'dynamics' } as const),
    ...{ entity: 'contact', id: d, receivedAt: '2026-03-01T08:00:00Z' },
  };
  await storage.deadLetters.bury(job, { code: 'x', message: 'Zebulon' }, '2026-03-01T08:00:00Z');
  await storage.idempotency.begin('key', 'print');
  const answer = { mappingId: scope.mappingId, authScapeId: a, crmId: d, changes: [zebulon] };
  await storage.idempotency.complete('key', { status: 201, headers: {}, body: JSON.stringify(answer) });
  return { bridge, a, d };
}

describe('erasing a person', () => {
  it('leaves no value of the person in any table or queue, nor digests to guess by', async () => {
    const { bridge, a, d } = await givenTraces();
    const places = new Set(found(bridge).map((text) => text.split(':', 1)[0]));
    expect([...places].sort()).toEqual([
      'DeadLetters',
      'Idempotency',
      'Links',
      'Logs',
      'Problems',
      'Staging',
    ]);

    const { erased, ...ids } = await erase(bridge, { authScapeId: a });

    expect(found(bridge)).toEqual([]);
    expect(bridge.storage.tables.rows('KeyClaims')).toEqual([]);
    expect(await linkOf(bridge, a)).toMatchObject({ aHash: null, dVersion: null, repeats: {} });
    expect(ids).toEqual({ authScapeIds: [a], crmIds: [d] });
    expect(erased).toMatchObject({ links: 1, problems: 1, reservations: 1, deadLetters: 1, answers: 1 });
    expect(erased.logs).toBeGreaterThanOrEqual(2);
    expect(erased.changes).toBeGreaterThanOrEqual(1);
    expect(erased.staged).toBeGreaterThanOrEqual(1);
  });

  it('finds what runs did where earlier versions kept it', async () => {
    const { bridge, a } = await givenTraces();
    await inEarlierPlaces(bridge);
    const { erased } = await erase(bridge, { authScapeId: a });
    expect(found(bridge)).toEqual([]);
    expect(erased.changes).toBeGreaterThanOrEqual(1);
  });

  it('keeps what was done to which fields, by ids', async () => {
    const { bridge, a } = await givenTraces();
    const before = (await bridge.logs()).filter(({ authScapeId }) => authScapeId === a);
    await erase(bridge, { authScapeId: a });
    const after = (await bridge.logs()).filter(({ authScapeId }) => authScapeId === a);

    const named = (entries: typeof before) =>
      entries.map(({ action, at, fields, outcome }) => [
        at,
        action,
        outcome,
        fields.map(({ field }) => field),
      ]);
    expect(named(after)).toEqual(named(before));
    expect(after.flatMap(({ fields }) => fields).every(({ withheld }) => withheld === true)).toBe(true);
  });

  it('finds the person by either id, and nothing the second time', async () => {
    const { bridge, a, d } = await givenTraces();
    expect(await erase(bridge, { crmId: d.toUpperCase() })).toMatchObject({ authScapeIds: [a], crmIds: [d] });
    const { erased } = await erase(bridge, { crmId: d });

    expect(found(bridge)).toEqual([]);
    expect(Object.values(erased).every((count) => count === 0)).toBe(true);
  });

  it('touches neither system and no other person', async () => {
    const { bridge, a, d } = await givenTraces();
    aUser(bridge, { firstName: 'Somebody', email: 'somebody@x.test' });
    await bridge.sync('incremental');
    const since = mark(bridge);
    const others = found(bridge, ['Somebody', 'somebody@x.test']);
    await erase(bridge, { authScapeId: a });

    expect(writesSince(bridge, since)).toEqual([]);
    expect(contact(bridge, d).firstname).toBe('Zebulon');
    expect(found(bridge, ['Somebody', 'somebody@x.test'])).toEqual(others);
  });

  it('[C12] leaves the pair linked: the next sync agrees anew', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge, zebulon);
    await erase(bridge, { authScapeId: a });
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked', crmId: d, base: {}, clean: false });
    const since = mark(bridge);
    await bridge.sync('full');

    expect(writesSince(bridge, since)).toEqual([]);
    expect((await linkOf(bridge, a))?.clean).toBe(true);
    bridge.clock.advance(60_000);
    bridge.d.people.set('contact', d, { telephone1: '+1 555 0100' });
    await bridge.sync('incremental');
    expect(user(bridge, a).phoneNumber).toBe('+1 555 0100');
  });

  it('reaches tombstones, and what a partner in AuthScape was made of', async () => {
    const bridge = await createHarness();
    const d = aContact(bridge, {
      ...{ firstname: 'Zebulon', lastname: 'Quixley', emailaddress1: zebulon.email },
    });
    await bridge.sync('full');
    const [link] = await bridge.links();
    expect(found(bridge).some((text) => text.startsWith('LinkClaims'))).toBe(true);
    bridge.clock.advance(60_000);
    bridge.d.people.remove('contact', d);
    await bridge.sync('incremental');
    expect(await linkOf(bridge, link?.authScapeId ?? '')).toMatchObject({ state: 'tombstone' });
    await erase(bridge, { crmId: d });

    expect(found(bridge)).toEqual([]);
    expect(await linkOf(bridge, link?.authScapeId ?? '')).toMatchObject({ state: 'tombstone' });
  });

  it('ends what a worker that died was about to make, and waits for one that lives', async () => {
    const bridge = await createHarness();
    const { storage, connection, clock } = bridge;
    const row = {
      table: 'contact',
      crmId: 'c0000000-0000-4000-8000-000000000001',
      mappingId: 'm_1234567890',
    };
    await storage.links.putPendingCreation(connection.id, row, {
      ...{ owner: 'gone', madeAt: clock.now(), until: clock.now() + 60_000 },
      ...{ criteria: { email: zebulon.email }, base: { f: { a: 'Zebulon', d: 'Zebulon', sig: 's' } } },
    });

    await expect(erase(bridge, { crmId: row.crmId })).rejects.toMatchObject({
      code: 'record_busy',
      retryAfterSeconds: 60,
    });
    clock.advance(60_000);
    expect(await erase(bridge, { crmId: row.crmId })).toMatchObject({ erased: { claims: 1 } });
    expect(found(bridge)).toEqual([]);
  });

  it('waits for a run, and for a worker that holds the pair', async () => {
    const { bridge, a } = await givenTraces();
    const run = await bridge.start('incremental');
    await expect(erase(bridge, { authScapeId: a })).rejects.toMatchObject({ code: 'run_in_progress' });
    await bridge.finish(run.id);
    const link = await bridge.storage.links.get(bridge.connection.id, 'm_1234567890', a);
    if (link === undefined) throw new Error('There is no link.');
    const claim = { owner: 'other', until: bridge.clock.now() + 5_000 };
    await bridge.storage.links.replace({ ...link.value, claim }, link.etag);

    await expect(erase(bridge, { authScapeId: a })).rejects.toMatchObject({ code: 'record_busy' });
  });
});

describe('values in the log', () => {
  const trail = async (logValues: 'all' | 'changedOnly' | 'none') => {
    const bridge = await createHarness({ connection: { logValues } });
    const { a, d } = await aPair(bridge, zebulon);
    bridge.clock.advance(60_000);
    bridge.d.people.set('contact', d, { telephone1: '+1 555 0177' });
    await bridge.sync('incremental');
    bridge.a.people.set('User', a, { email: 'no address of Zebulon' });
    await bridge.sync('incremental');
    const logs = found(bridge).filter((text) => text.startsWith('Logs') || text.startsWith('Problems'));
    return {
      created: logs.some((text) => text.includes('Quixley')),
      changed: logs.some((text) => text.includes('0177')),
      logs,
    };
  };

  it.each([
    ['all', true, true],
    ['changedOnly', false, true],
    ['none', false, false],
  ] as const)('%s', async (logValues, created, changed) => {
    expect(await trail(logValues)).toMatchObject({ created, changed });
    if (logValues === 'none') expect((await trail(logValues)).logs).toEqual([]);
  });
});
