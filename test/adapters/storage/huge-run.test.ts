import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMeter } from '../../../src/adapters/meter.js';
import { createAzureTables } from '../../../src/adapters/storage/azure-tables.js';
import { createStores } from '../../../src/adapters/storage/stores.js';
import { aPair, contact, user } from '../../application/support/actors.js';
import { noise, withLongTexts } from '../../application/support/long-texts.js';
import { PATHS, viaPath } from '../../application/support/paths.js';
import { type Azurite, startAzurite } from '../../stack/azurite.js';

/** The engine with its rows in Table Storage, which refuses what is larger than a row takes. */

describe.each(PATHS)('[V5] over Table Storage, a text of more than a row takes, by %s', (path) => {
  let azurite: Azurite;
  beforeAll(async () => {
    // One for each path: the harness gives out the same ids each time.
    azurite = await startAzurite();
  });
  afterAll(() => azurite.close());

  it('is cut, replaces another and stays in the log in short', async () => {
    const tables = createAzureTables({
      connectionString: azurite.connectionString,
      meter: createMeter(),
      retryDelayMs: 10,
    });
    const bridge = await withLongTexts({ storage: (clock) => createStores(tables, clock) });
    const isReal = path !== 'dry run';
    const [first, second, huge] = [noise(600_000), noise(600_000), noise(1_100_000)];
    const { a, d } = await aPair(bridge, { 'customFields.long': first });
    const other = await aPair(bridge);
    bridge.a.people.set('User', a, {
      ...{ 'customFields.long': second, 'customFields.note': huge, lastName: 'New' },
    });
    bridge.a.people.set('User', other.a, { firstName: 'Augusta' });
    const done = await viaPath(bridge, path, { side: 'authScape', entity: 'User', id: a });
    expect(done.outcomes).toContain('updated');
    expect(done.status ?? 'succeeded').toBe('succeeded');
    expect(contact(bridge, d)).toMatchObject(
      isReal ? { new_long: second, new_note: huge.slice(0, 2_000) } : { new_long: first },
    );
    expect(user(bridge, a)['customFields.note']).toBe(huge);
    if (path.endsWith('run') && isReal) expect(contact(bridge, other.d).firstname).toBe('Augusta');
    const fields = (await bridge.logs(done.runId)).flatMap((entry) => entry.fields);
    const replaced = fields.find(({ field, from }) => field === 'new_long' && from !== null);
    const marked = (length: number) => new RegExp(`… \\[${length} characters, sha256:[0-9a-f]{64}\\]$`);
    expect(replaced?.from).toMatch(marked(600_000));
    expect(fields.find(({ rule }) => rule === 'cut')?.dropped).toMatch(marked(1_100_000));
  });
});
