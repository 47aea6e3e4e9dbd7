import { describe, expect, it } from 'vitest';
import { newId, type OpenStores } from './stores-samples.js';

/** Marks and held changes, which outlive a run. */
export function backlogStoresContract(open: OpenStores): void {
  describe('the backlog', () => {
    it('keeps marks and held changes until they are removed', async () => {
      const { backlog } = open().stores;
      const connectionId = newId('c');
      const mark = {
        mappingId: 'm_1',
        authScapeId: '1',
        crmId: null,
        reason: 'r',
        attempts: 1,
        notBefore: 5,
      };
      const held = {
        mappingId: 'm_1',
        authScapeId: '1',
        crmId: 'd1',
        category: 'delete',
        runId: 'r_1',
        detail: { kind: 'write' as const, write: 'dynamics:email' },
        heldAt: '2026-01-01T00:00:00Z',
      };
      await backlog.putMarks(connectionId, [mark, { ...mark, authScapeId: null, crmId: 'D1' }]);
      await backlog.putMarks(connectionId, [{ ...mark, attempts: 2 }]);
      const second = { ...held, category: 'key' };
      await backlog.putHeld(connectionId, [held, second, { ...held, mappingId: 'm_2' }]);

      expect((await backlog.scanMarks(connectionId, 'm_1', 10)).items).toHaveLength(2);
      expect((await backlog.scanMarks(connectionId, 'm_2', 10)).items).toEqual([]);
      const one = { ...mark, authScapeId: 'a1', crmId: null, seen: 'hash' };
      await backlog.putMarks(connectionId, [one]);
      expect([...(await backlog.getMarks(connectionId, 'm_1', 'authScape', ['a1', 'd1'])).entries()]).toEqual(
        [['a1', one]],
      );
      await backlog.removeMarks(connectionId, [one]);
      const own = await backlog.getMarks(connectionId, 'm_1', 'dynamics', ['d1', 'd2', 'd1']);
      expect([...own.keys()]).toEqual(['d1']);
      expect(own.get('d1')).toMatchObject({ authScapeId: null, attempts: 1 });
      const asked = [second, held, { ...held, authScapeId: '2' }, { ...held, category: 'clear' }];
      expect(await backlog.getHeld(connectionId, 'm_1', asked)).toEqual([second, held]);
      expect((await backlog.scanHeld(connectionId, 10)).items).toHaveLength(3);
      await backlog.removeMarks(connectionId, [
        { ...mark, authScapeId: null, crmId: 'd1' },
        { ...mark, crmId: 'x' },
      ]);
      await backlog.removeHeld(connectionId, [held, second]);
      expect((await backlog.scanMarks(connectionId, 'm_1', 10)).items).toEqual([{ ...mark, attempts: 2 }]);
      expect((await backlog.scanHeld(connectionId, 10)).items).toEqual([{ ...held, mappingId: 'm_2' }]);
    });
  });
}
