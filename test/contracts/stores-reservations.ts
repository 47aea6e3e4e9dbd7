import { describe, expect, it } from 'vitest';
import { newId, type OpenStores } from './stores-samples.js';

/** Reservations of match keys. */
export function reservationStoresContract(open: OpenStores): void {
  describe('[P12] reservations of match keys', () => {
    it('name the row for which they were taken until they are given back', async () => {
      const { stores, clock } = open();
      const { keyReservations } = stores;
      const connectionId = newId('c');
      const until = clock.now() + 1_000;
      expect(await keyReservations.holder(connectionId, 'k')).toBeUndefined();
      await keyReservations.take(connectionId, 'k', 'w1', until, 'row 1');
      expect(await keyReservations.holder(connectionId, 'k')).toEqual({ crmId: 'row 1', until });
      clock.advance(2_000);
      expect(await keyReservations.holder(connectionId, 'k')).toEqual({ crmId: 'row 1', until });
      await keyReservations.release(connectionId, 'k', 'w1');
      expect(await keyReservations.holder(connectionId, 'k')).toBeUndefined();
    });

    it('are known to be left as long as no worker gave them back', async () => {
      const { stores, clock } = open();
      const { keyReservations } = stores;
      const connectionId = newId('c');
      await keyReservations.take(newId('c'), 'k1', 'w1', clock.now() + 1_000, 'row 1');
      for (const key of ['k1', 'k2'])
        await keyReservations.take(connectionId, key, 'w1', clock.now() + 1_000, 'row');
      await keyReservations.release(connectionId, 'k1', 'w1');
      clock.advance(2_000);
      const isLeft = await keyReservations.left(connectionId);
      expect(['k1', 'k2', 'k3'].map(isLeft)).toEqual([false, true, false]);
    });

    it('hold until they run out or are released by their owner', async () => {
      const { stores, clock } = open();
      const { keyReservations } = stores;
      const connectionId = newId('c');
      const until = clock.now() + 1_000;

      expect(await keyReservations.take(connectionId, 'ada@example.org', 'w1', until, 'row')).toBe(true);
      expect(await keyReservations.take(connectionId, 'ada@example.org', 'w1', until, 'row')).toBe(true);
      expect(await keyReservations.take(connectionId, 'ada@example.org', 'w2', until, 'row')).toBe(false);
      await keyReservations.release(connectionId, 'ada@example.org', 'w2');
      expect(await keyReservations.take(connectionId, 'ada@example.org', 'w2', until, 'row')).toBe(false);
      clock.advance(1_000);
      expect(
        await keyReservations.take(connectionId, 'ada@example.org', 'w2', clock.now() + 1_000, 'row'),
      ).toBe(true);
      await keyReservations.release(connectionId, 'ada@example.org', 'w2');
      expect(
        await keyReservations.take(connectionId, 'ada@example.org', 'w3', clock.now() + 1_000, 'row'),
      ).toBe(true);
    });

    it('go to one of twenty racers', async () => {
      const { stores, clock } = open();
      const connectionId = newId('c');
      const takes = Array.from({ length: 20 }, (_, index) =>
        stores.keyReservations.take(connectionId, 'k', `w${index}`, clock.now() + 1_000, 'row'),
      );
      expect((await Promise.all(takes)).filter((taken) => taken)).toHaveLength(1);
    });
  });
}
