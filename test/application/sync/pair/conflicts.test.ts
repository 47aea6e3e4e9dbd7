import { expect, it } from 'vitest';
import type { Link } from '../../../../src/domain/link.js';
import { contact, pairs, user } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

/** Another worker writes the link directly before the run does, once. */
function overtake(bridge: Harness, isMeant: (link: Link) => boolean): void {
  const { links } = bridge.storage;
  const replace = links.replace.bind(links);
  links.replace = async (link, etag) => {
    if (!isMeant(link)) return replace(link, etag);
    links.replace = replace;
    const stored = await links.get(link.connectionId, link.mappingId, link.authScapeId);
    if (stored !== undefined) await replace(stored.value, stored.etag);
    return replace(link, etag);
  };
}

it('[R2] a run goes on when another worker writes a link that it has just read', async () => {
  const bridge = await createHarness();
  const [gone, other] = await pairs(bridge, 3);
  if (gone === undefined || other === undefined) throw new Error('two pairs are needed');
  bridge.a.people.remove('User', gone.a);
  bridge.d.people.set('contact', other.d, { firstname: 'Augusta' });
  overtake(bridge, ({ missing }) => missing !== null);
  const run = await bridge.sync('incremental');
  expect(run).toMatchObject({ status: 'succeeded', counts: { updated: 1 } });
  expect(user(bridge, other.a).firstName).toBe('Augusta');
  await bridge.sync('incremental');
  expect(contact(bridge, gone.d).statecode).toBe(1);
});
