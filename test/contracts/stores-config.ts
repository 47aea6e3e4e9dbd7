import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/domain/audit.js';
import { ConflictError } from '../../src/domain/errors.js';
import { newId, type OpenStores, sampleConnection, sampleMapping } from './stores-samples.js';

/** Connections, mappings, feeds and idempotency keys. */
export function configStoresContract(open: OpenStores): void {
  describe('connections', () => {
    it('come back as they were stored, with an etag that every write changes', async () => {
      const { connections } = open().stores;
      const connection = sampleConnection();

      const created = await connections.create(connection);
      expect(await connections.get(connection.id)).toEqual({ value: connection, etag: created.etag });
      const replaced = await connections.replace({ ...connection, enabled: false }, created.etag);
      expect(replaced.etag).not.toBe(created.etag);
      expect(await connections.get(connection.id)).toEqual(replaced);
    });

    it('refuse writes with an old etag', async () => {
      const { connections } = open().stores;
      const connection = sampleConnection();
      const { etag } = await connections.create(connection);
      await connections.replace({ ...connection, enabled: false }, etag);

      await expect(connections.replace(connection, etag)).rejects.toThrow(ConflictError);
      await expect(connections.replace({ ...connection, name: newId('n') }, etag)).rejects.toThrow(
        ConflictError,
      );
      await expect(connections.remove(connection, etag)).rejects.toThrow(ConflictError);
      await expect(connections.replace(sampleConnection(), etag)).rejects.toThrow(ConflictError);
    });

    it('share no name, compared without case', async () => {
      const { connections } = open().stores;
      const name = newId('Grün');
      await connections.create(sampleConnection({ name }));
      const second = sampleConnection({ name: name.toUpperCase() });

      await expect(connections.create(second)).rejects.toMatchObject({ code: 'connection_name_taken' });
      expect(await connections.get(second.id)).toBeUndefined();
      const third = sampleConnection();
      const { etag } = await connections.create(third);
      const renamed = connections.replace({ ...third, name: ` ${name} ` }, etag);
      await expect(renamed).rejects.toMatchObject({ code: 'connection_name_taken' });
    });

    it('give a name free when they are renamed or removed', async () => {
      const { connections } = open().stores;
      const [first, second] = [newId('first'), newId('second')];
      const connection = sampleConnection({ name: first });
      const { etag } = await connections.create(connection);

      const renamed = await connections.replace({ ...connection, name: second }, etag);
      await connections.create(sampleConnection({ name: first }));
      await connections.remove(renamed.value, renamed.etag);
      await connections.create(sampleConnection({ name: second }));
      expect(await connections.get(connection.id)).toBeUndefined();
    });

    it('take over a name whose connection was half removed', async () => {
      const { stores, tables } = open();
      const gone = sampleConnection({ name: newId('half') });
      await stores.connections.create(gone);
      await tables.table('Connections').remove('all', `c|${gone.id}`);

      await stores.connections.create(sampleConnection({ name: gone.name }));
    });

    it('give one of twenty racers the name', async () => {
      const { connections } = open().stores;
      const name = newId('race');
      const racers = Array.from({ length: 20 }, () => connections.create(sampleConnection({ name })));

      const results = await Promise.allSettled(racers);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected')
          expect(result.reason).toMatchObject({ code: 'connection_name_taken' });
      }
    });

    it('are listed in pages', async () => {
      const { connections } = open().stores;
      const ids = await Promise.all(
        Array.from({ length: 5 }, async () => (await connections.create(sampleConnection())).value.id),
      );
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await connections.list(2, cursor);
        expect(page.items.length).toBeLessThanOrEqual(2);
        seen.push(...page.items.map(({ value }) => value.id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(seen).toEqual(expect.arrayContaining(ids));
      expect(new Set(seen).size).toBe(seen.length);
    });

    it('refuse a cursor that they did not give out', async () => {
      const { connections } = open().stores;
      await expect(connections.list(2, 'garbage')).rejects.toMatchObject({ code: 'invalid_request' });
    });

    it('count every change of the state made by ten at once', async () => {
      const { connections } = open().stores;
      const id = newId('c');
      expect(await connections.getState(id)).toMatchObject({ organizationId: null, droppedEvents: 0 });

      const increments = Array.from({ length: 10 }, () =>
        connections.updateState(id, (state) => ({ ...state, droppedEvents: state.droppedEvents + 1 })),
      );
      await Promise.all(increments);
      expect(await connections.getState(id)).toMatchObject({ droppedEvents: 10 });
    });
  });

  describe('mappings', () => {
    it('are kept per connection', async () => {
      const { mappings } = open().stores;
      const connectionId = newId('c');
      const first = await mappings.create(sampleMapping(connectionId));
      const second = await mappings.create(sampleMapping(connectionId, { matchBy: ['€|/\\#?', "it's"] }));
      await mappings.create(sampleMapping(newId('c')));

      expect(await mappings.get(connectionId, second.value.id)).toEqual(second);
      expect(await mappings.get(newId('c'), second.value.id)).toBeUndefined();
      const listed = await mappings.list(connectionId);
      expect(listed).toHaveLength(2);
      expect(listed).toEqual(expect.arrayContaining([first, second]));
      const another = { ...first.value, enabled: !first.value.enabled };
      await expect(mappings.create(another)).rejects.toThrow(ConflictError);
    });

    it('keep their fields however many there are', async () => {
      const { mappings } = open().stores;
      const fields = Array.from({ length: 600 }, (_, index) => ({
        id: `f_${index}`,
        authScapeField: `customFields.${index}`,
        crmField: `new_${'x'.repeat(80)}${index}`,
        direction: 'Bidirectional' as const,
        enabled: true,
        required: false,
        syncNullValues: true,
        transform: null,
      }));
      const { value, etag } = await mappings.create(sampleMapping(newId('c'), { fields }));
      expect(await mappings.get(value.connectionId, value.id)).toEqual({ value, etag });

      const replaced = await mappings.replace({ ...value, fields: [] }, etag);
      expect(await mappings.get(value.connectionId, value.id)).toEqual(replaced);
      await expect(mappings.remove(value, etag)).rejects.toThrow(ConflictError);
      await mappings.remove(value, replaced.etag);
      expect(await mappings.list(value.connectionId)).toEqual([]);
    });

    it('change together, all or none', async () => {
      const { mappings } = open().stores;
      const connectionId = newId('c');
      const [one, other, added] = [0, 1, 2].map(() => sampleMapping(connectionId));
      if (!one || !other || !added) throw new Error('There are no samples.');
      const first = await mappings.create(one);
      const second = await mappings.create(other);
      const changed = { ...one, enabled: !one.enabled };
      const third = { mapping: added };

      const stored = await mappings.change([
        { mapping: changed, etag: first.etag },
        { mapping: other, etag: second.etag, remove: true },
        third,
      ]);
      expect(stored.map(({ value }) => value)).toEqual([changed, added]);
      expect(await mappings.get(connectionId, one.id)).toEqual(stored[0]);
      expect(await mappings.get(connectionId, other.id)).toBeUndefined();

      const stale = { mapping: { ...changed, matchBy: ['title'] }, etag: first.etag };
      const fresh = { mapping: sampleMapping(connectionId) };
      await expect(mappings.change([fresh, stale])).rejects.toThrow(ConflictError);
      expect(await mappings.get(connectionId, fresh.mapping.id)).toBeUndefined();
      // As a repeated request whose first answer was lost finds it.
      expect(await mappings.change([third])).toEqual([stored[1]]);
    });

    it('reserve a table of an environment for one connection', async () => {
      const { mappings } = open().stores;
      const environment = `${newId('org')}.crm.dynamics.com`;

      expect(await mappings.reserveTable(environment, 'contact', 'c_1')).toBeUndefined();
      expect(await mappings.reserveTable(environment.toUpperCase(), 'contact', 'c_1')).toBeUndefined();
      expect(await mappings.reserveTable(environment, 'contact', 'c_2')).toBe('c_1');
      await mappings.releaseTable(environment, 'contact', 'c_2');
      expect(await mappings.reserveTable(environment, 'contact', 'c_2')).toBe('c_1');
      await mappings.releaseTable(environment, 'contact', 'c_1');
      expect(await mappings.reserveTable(environment, 'contact', 'c_2')).toBeUndefined();
    });
  });

  describe('feeds', () => {
    it('are replaced as a whole', async () => {
      const { feeds } = open().stores;
      const connectionId = newId('c');
      const link = `https://x/api?$deltatoken=${'9'.repeat(40_000)}`;

      expect(await feeds.get(connectionId, 'm_1')).toBeUndefined();
      await feeds.put(connectionId, 'm_1', { deltaLink: link, columns: ['a'], scannedFrom: 1 });
      expect(await feeds.get(connectionId, 'm_1')).toEqual({
        deltaLink: link,
        columns: ['a'],
        scannedFrom: 1,
      });
      await feeds.put(connectionId, 'm_1', { deltaLink: null, columns: [], scannedFrom: null });
      expect(await feeds.get(connectionId, 'm_1')).toEqual({
        deltaLink: null,
        columns: [],
        scannedFrom: null,
      });
    });
  });

  describe('idempotency keys', () => {
    const answer = { status: 201, headers: { location: '/api/connections/c_1' }, body: '{"id":"c_1"}' };

    it('repeat the answer to the same request and refuse another one', async () => {
      const { idempotency } = open().stores;
      const key = newId('key / ?');

      expect(await idempotency.begin(key, 'f1')).toEqual({ kind: 'fresh' });
      expect(await idempotency.begin(key, 'f1')).toEqual({ kind: 'pending' });
      expect(await idempotency.begin(key, 'f2')).toEqual({ kind: 'mismatch' });
      await idempotency.complete(key, answer);
      expect(await idempotency.begin(key, 'f1')).toEqual({ kind: 'done', answer });
      expect(await idempotency.begin(key, 'f2')).toEqual({ kind: 'mismatch' });
    });

    it('are free again after a failure, after five idle minutes and a day after the answer', async () => {
      const { stores, clock } = open();
      const key = newId('key');
      await stores.idempotency.begin(key, 'f1');
      await stores.idempotency.release(key);
      expect(await stores.idempotency.begin(key, 'f2')).toEqual({ kind: 'fresh' });

      clock.advance(5 * 60_000);
      expect(await stores.idempotency.begin(key, 'f3')).toEqual({ kind: 'fresh' });
      await stores.idempotency.complete(key, answer);
      clock.advance(24 * 60 * 60_000 - 1);
      expect(await stores.idempotency.begin(key, 'f3')).toEqual({ kind: 'done', answer });
      clock.advance(1);
      expect(await stores.idempotency.begin(key, 'f4')).toEqual({ kind: 'fresh' });
    });

    it('are fresh for one of twenty racers', async () => {
      const { idempotency } = open().stores;
      const key = newId('key');
      const results = await Promise.all(Array.from({ length: 20 }, () => idempotency.begin(key, 'f')));
      expect(results.filter(({ kind }) => kind === 'fresh')).toHaveLength(1);
      expect(results.filter(({ kind }) => kind === 'pending')).toHaveLength(19);
    });
  });

  describe('the audit', () => {
    const entry = (more: Partial<AuditEntry>): AuditEntry => ({
      id: newId('a'),
      at: '2026-03-01T08:00:00.000Z',
      actor: { kind: 'user', name: newId('ann') },
      action: 'connection.update',
      target: '/api/connections/c_1',
      changes: [{ path: 'enabled', from: true, to: false }],
      ...more,
    });

    it('lists what was added, newest first, by connection, actor and time', async () => {
      const { audit } = open().stores;
      const connectionId = newId('c');
      const first = entry({ connectionId });
      const second = entry({ connectionId, at: '2026-03-01T09:00:00.000Z' });
      const other = entry({ actor: first.actor });
      for (const one of [first, second, other]) await audit.append(one);

      expect((await audit.list({ connectionId }, 10)).items).toEqual([second, first]);
      expect((await audit.list({ connectionId, since: '2026-03-01T08:30:00Z' }, 10)).items).toEqual([second]);
      const byActor = (await audit.list({ actor: first.actor.name }, 10)).items;
      expect(byActor.map(({ id }) => id).sort()).toEqual([first.id, other.id].sort());
    });

    it('is read page by page', async () => {
      const { audit } = open().stores;
      const connectionId = newId('c');
      const first = entry({ connectionId });
      const second = entry({ connectionId, at: '2026-03-01T09:00:00.000Z' });
      for (const one of [first, second]) await audit.append(one);
      const { items, nextCursor } = await audit.list({ connectionId }, 1);

      expect(items).toEqual([second]);
      expect((await audit.list({ connectionId }, 1, nextCursor)).items).toEqual([first]);
    });
  });
}
