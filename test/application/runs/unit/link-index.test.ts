import { expect, it } from 'vitest';
import { LinkIndex } from '../../../../src/application/runs/unit/link-index.js';
import { sampleLink, sampleMapping } from '../../../contracts/stores-samples.js';
import { createMemoryStorage } from '../../../support/memory-stores.js';

async function open() {
  const storage = createMemoryStorage({ now: () => 0, sleep: async () => {} });
  for (const id of ['m_users', 'm_others']) await storage.mappings.create(sampleMapping('c', { id }));
  await storage.links.insert(sampleLink('c', { authScapeId: '1', crmId: 'row-1' }));
  let reads = 0;
  storage.tables.before = ({ kind, table }) => {
    if (table === 'Links' && kind === 'query') reads += 1;
  };
  const index = new LinkIndex(storage.links, storage.mappings, 'c');
  return {
    storage,
    index,
    ids: async () => [...(await index.byCrmId('contact')).values()].map(({ authScapeId }) => authScapeId),
    reads: () => reads,
  };
}

it('reads the links of a table once, as long as nothing is written to them', async () => {
  const { ids, index, reads } = await open();
  expect(await ids()).toEqual(['1']);
  index.clear();
  expect(await ids()).toEqual(['1']);
  expect(reads()).toBe(2);
});

it('reads those of a mapping again when links of it were made, changed or removed', async () => {
  const { ids, index, reads, storage } = await open();
  expect(await ids()).toEqual(['1']);
  const made = await storage.links.insert(sampleLink('c', { authScapeId: '2', crmId: 'row-2' }));
  expect(await ids()).toEqual(['1']);
  index.clear();
  expect((await ids()).sort()).toEqual(['1', '2']);
  expect(reads()).toBe(3);
  if (made.kind !== 'inserted') throw new Error('a link is needed');
  const changed = await storage.links.replace({ ...made.link.value, state: 'tombstone' }, made.link.etag);
  index.clear();
  expect((await index.byAuthScapeId('m_users')).get('2')?.link.state).toBe('tombstone');
  await storage.links.remove(changed.value, changed.etag);
  index.clear();
  expect(await ids()).toEqual(['1']);
});
