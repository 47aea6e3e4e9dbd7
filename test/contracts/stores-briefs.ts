import { describe, expect, it } from 'vitest';
import { linkToRow } from '../../src/adapters/storage/link-rows.js';
import type { LinkBrief } from '../../src/application/ports/links.js';
import type { Link } from '../../src/domain/link.js';
import { newId, newRunId, type OpenStores, sampleLink } from './stores-samples.js';

const PAGE = 1_000;
const KEPT_IN_A_ROW = 6_000;
const tombstone = { reason: 'parted', act: 'none', at: '2026-01-01T00:00:00Z', runId: null } as const;

/** What an index of links is made of. */
export function briefStoresContract(open: OpenStores): void {
  describe('links in brief', () => {
    it('are told in brief, page by page in the order of a scan, those of earlier versions too', async () => {
      const { stores, tables } = open();
      const [connectionId, mappingId] = [newId('c'), 'm_users'];
      const table = tables.table('Links');
      const kinds: readonly Partial<Link>[] = [
        { aHash: 'a', fullHash: 'f', dVersion: 'W/"5"' },
        { state: 'tombstone', tombstone, clean: false, aHash: null },
        { missing: { scans: 1, lastScanId: 'r_1' } },
        { plan: { runId: null, madeAt: '2026-01-01T00:00:00Z', kind: 'update', fields: [] } },
      ];
      const links = Array.from({ length: 1_100 }, (_, id) =>
        sampleLink(connectionId, {
          ...kinds[id % kinds.length],
          mappingId,
          authScapeId: String(id),
          changedAt: id,
        }),
      );
      const early = ['1001', '999'];
      const rows = links.map((link) => {
        const { brief, ...earlier } = linkToRow(link);
        return early.includes(link.authScapeId) ? earlier : { ...earlier, brief };
      });
      for (let at = 0; at < rows.length; at += 100)
        await table.transact(rows.slice(at, at + 100).map((row) => ({ kind: 'insert', row })));

      const told: LinkBrief[] = [];
      for await (const page of stores.links.briefs(connectionId, mappingId)) told.push(...page);

      const sorted = links.toSorted((a, b) => (a.authScapeId < b.authScapeId ? -1 : 1));
      expect(told.map(({ authScapeId }) => authScapeId)).toEqual(
        sorted.map(({ authScapeId }) => authScapeId),
      );
      for (const [
        at,
        { authScapeId, changedAt, clean, crmId, missing, plan, state, ...link },
      ] of sorted.entries())
        expect(told[at]).toMatchObject({
          ...{ authScapeId, changedAt, clean, crmId, state, settled: missing === null && plan === null },
          ...{ aHash: link.aHash, dVersion: link.dVersion, mappingVersion: link.mappingVersion },
          ...{
            tombstone: link.tombstone,
            ...(link.fullHash === undefined ? {} : { fullHash: link.fullHash }),
          },
        });
    });

    it.each([0, 1, KEPT_IN_A_ROW, 2 * KEPT_IN_A_ROW + 1])('are kept for a run, %i of them', async (count) => {
      const { stores, tables } = open();
      const { staging } = stores;
      const scope = { connectionId: newId('c'), runId: newRunId(0), mappingId: 'm_users' };
      const kept = async () => {
        const all: LinkBrief[] = [];
        for await (const page of staging.getBriefs(scope)) {
          if (page === undefined) return undefined;
          all.push(...page);
        }
        return all;
      };
      const briefs = Array.from({ length: count }, (_, id) => briefOf(id));

      expect(await kept()).toBeUndefined();
      await staging.putBriefs(scope, briefs);
      expect(await kept()).toEqual(briefs);

      const { rows } = await tables.table('Staging').query({ partitionPrefix: `${scope.runId}|` }, PAGE);
      for (const { partitionKey, rowKey } of rows) {
        const row = await tables.table('Staging').get(partitionKey, rowKey);
        await tables.table('Staging').remove(partitionKey, rowKey);
        expect(await kept()).toBeUndefined();
        await tables.table('Staging').put(row ?? { partitionKey, rowKey });
      }
      expect(await kept()).toEqual(briefs);
      await staging.putBriefs(scope, briefs.slice(0, 1));
      expect(await kept()).toEqual(briefs.slice(0, 1));
    });
  });
}

function briefOf(id: number): LinkBrief {
  const isLinked = id % 3 !== 0;
  return {
    ...{ authScapeId: `é ${id}`, crmId: `d${id}`, state: isLinked ? 'linked' : 'tombstone' },
    ...{ tombstone: isLinked ? null : tombstone, clean: id % 2 === 0, settled: id % 5 === 0 },
    ...{ mappingVersion: id, aHash: id % 7 === 0 ? null : 'a', fullHash: id % 2 === 0 ? null : 'f' },
    ...{ dVersion: id % 11 === 0 ? null : `W/"${id}"`, changedAt: id * 1_000 },
  };
}
