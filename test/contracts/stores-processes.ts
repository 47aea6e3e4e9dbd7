import { describe, expect, it } from 'vitest';
import { newId, type OpenStores } from './stores-samples.js';

/** Which processes use a connection. */
export function processStoresContract(open: OpenStores): void {
  describe('the processes of a connection', () => {
    it('are those that are active, with the pause that each was told', async () => {
      const { processes } = open().stores;
      const [id, other] = [newId('c/with|odd#signs'), newId('c')];
      const one = { processId: 'p/1', activeUntil: 2_000, pausedUntil: 0 };
      const two = { processId: 'p/2', activeUntil: 1_000, pausedUntil: 1_700_000_000_000 };
      await processes.put(id, one);
      await processes.put(id, two);
      await processes.put(other, one);

      expect(await processes.list(id, 999)).toEqual([one, two]);
      await processes.put(id, { ...one, activeUntil: 3_000 });
      expect(await processes.list(id, 1_000)).toEqual([{ ...one, activeUntil: 3_000 }]);
      // The one that was over is gone for good.
      expect(await processes.list(id, 0)).toEqual([{ ...one, activeUntil: 3_000 }]);
      expect(await processes.list(newId('c'), 0)).toEqual([]);
    });

    it('go with the connection', async () => {
      const { eraser, processes } = open().stores;
      const id = newId('c');
      await processes.put(id, { processId: 'p', activeUntil: 9_000, pausedUntil: 0 });
      expect(await eraser.erase(id, Number.MAX_SAFE_INTEGER)).toBe(true);
      expect(await processes.list(id, 0)).toEqual([]);
    });
  });
}
