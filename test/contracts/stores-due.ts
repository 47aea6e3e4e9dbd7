import { describe, expect, it } from 'vitest';
import { newId, type OpenStores, sampleConnection, sampleRun } from './stores-samples.js';

const FAR_PAST = 1_000_000_000_000;

/** When the timer looks at which connection. */
export function dueStoresContract(open: OpenStores): void {
  const looks = async (until: number) => await open().stores.due.due(until, 1_000);
  const lookOf = async (id: string) =>
    (await looks(9_999_999_999_998)).find(({ connectionId }) => connectionId === id);

  describe('the index of due times', () => {
    it('names what is due until a time, the oldest first', async () => {
      const { due } = open().stores;
      const [late, early, later] = [newId('c'), newId('c'), newId('c')];
      await due.bringForward(late, FAR_PAST + 20);
      await due.bringForward(early, FAR_PAST + 10);
      await due.bringForward(later, FAR_PAST + 21);

      expect(await looks(FAR_PAST + 20)).toEqual([
        { connectionId: early, at: FAR_PAST + 10 },
        { connectionId: late, at: FAR_PAST + 20 },
      ]);
      expect(await due.due(FAR_PAST + 20, 1)).toEqual([{ connectionId: early, at: FAR_PAST + 10 }]);
      for (const { connectionId } of await looks(FAR_PAST + 21)) await due.forget(connectionId);
      expect(await looks(FAR_PAST + 21)).toEqual([]);
    });

    it('moves a look once, also when another process moves it', async () => {
      const { due } = open().stores;
      const id = newId('c/with|odd#signs');
      await due.bringForward(id, FAR_PAST);
      const look = { connectionId: id, at: FAR_PAST };

      expect(await due.move(look, FAR_PAST + 5)).toBe(true);
      expect(await due.move(look, FAR_PAST + 6)).toBe(false);
      expect(await lookOf(id)).toEqual({ connectionId: id, at: FAR_PAST + 5 });
      expect(await due.move({ connectionId: id, at: FAR_PAST + 5 }, FAR_PAST + 5)).toBe(true);
      await due.forget(id);
      await due.forget(id);
      expect(await lookOf(id)).toBeUndefined();
    });

    it('keeps what is brought forward while the timer looks, also to a time that has come already', async () => {
      const { due } = open().stores;
      const id = newId('c');
      await due.bringForward(id, FAR_PAST);
      await due.bringForward(id, FAR_PAST + 50);

      expect(await due.move({ connectionId: id, at: FAR_PAST }, FAR_PAST + 90)).toBe(false);
      expect((await lookOf(id))?.at).toBeLessThan(FAR_PAST);
    });

    it('knows which of a page of connections it lacks', async () => {
      const { due } = open().stores;
      const ids = [newId('c'), newId('c'), newId('c')].sort();
      await due.bringForward(ids[1] ?? '', FAR_PAST);

      expect(await due.missing(ids)).toEqual([ids[0], ids[2]]);
      expect(await due.missing([])).toEqual([]);
    });

    it('keeps where the sweep goes on', async () => {
      const { due } = open().stores;
      await due.setSweep('a cursor');
      expect(await due.sweepFrom()).toBe('a cursor');
      await due.setSweep(null);
      expect(await due.sweepFrom()).toBeNull();
    });

    it('hears of changed connections, of opened runs and of removed connections', async () => {
      const { clock, stores } = open();
      const connection = sampleConnection();
      const created = await stores.connections.create(connection);
      expect(await lookOf(connection.id)).toBeUndefined();

      const changed = { ...connection, syncIntervalMinutes: 2 };
      const { etag } = await stores.connections.replace(changed, created.etag);
      const first = await lookOf(connection.id);
      await stores.runs.open(sampleRun(connection.id));
      const second = await lookOf(connection.id);

      expect(first?.at).toBeLessThanOrEqual(clock.now() + 5_000);
      expect(second?.at).toBeLessThan(first?.at ?? 0);
      await stores.connections.remove(changed, etag);
      expect(await lookOf(connection.id)).toBeUndefined();
    });
  });
}
