import { beforeAll, expect, it } from 'vitest';
import { linkKeys } from '../../../../src/adapters/storage/link-rows.js';
import { linkAt } from '../../../../src/application/runs/phases/resting-links.js';
import { aUser } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

const PAIRS = 1_100;
/** More than a unit works on, before a page of links that rest. */
const CHANGED = 210;
const PAGE = 200;

/** As the version before wrote it: a cursor of the scan. */
function cursorAt(connectionId: string, mappingId: string, authScapeId: string): string {
  const { partitionKey, rowKey } = linkKeys(connectionId, mappingId, authScapeId);
  return JSON.stringify([partitionKey, rowKey]);
}

let bridge: Harness;
let ids: string[];

beforeAll(async () => {
  bridge = await createHarness({ stepMs: 1 });
  // Each step reads all links once: pages of the usual four rows would take hundreds of steps before it begins.
  bridge.a.pageSize = PAGE;
  bridge.d.pageSize = PAGE;
  for (let n = 0; n < PAIRS; n += 1) aUser(bridge, { email: `p${n}@x.test` });
  await bridge.sync('full');
  await bridge.sync('incremental');
  ids = [...bridge.a.records.User.keys()].sort();
}, 60_000);

it.each([
  ['of this version', (_connectionId: string, _mappingId: string, id: string) => `link:${id}`],
  ['of the version before', cursorAt],
])('a run goes on among many links from a position %s', async (title, positionAt) => {
  const changed = [...ids.slice(0, CHANGED), ...ids.slice(-1)];
  for (const id of changed) bridge.a.people.set('User', id, { phoneNumber: `+1 ${id} ${title.length}` });

  const { id: runId } = await bridge.start('full');
  let moved = 0;
  for (let job = bridge.storage.jobs.take(); job !== undefined; job = bridge.storage.jobs.take()) {
    await bridge.deliver(job);
    const stored = await bridge.storage.runs.get(runId);
    const { connectionId, cursor, phase } = stored!.value;
    const at = phase === 'comparing' ? JSON.parse(cursor.position ?? '{}') : {};
    const link = linkAt(at.cursor ?? undefined);
    if (link === undefined) continue;
    moved += 1;
    const [mappingId = ''] = cursor.facts.mappings ?? [];
    const position = JSON.stringify({ ...at, cursor: positionAt(connectionId, mappingId, link) });
    await bridge.storage.runs.replace({ ...stored!.value, cursor: { ...cursor, position } }, stored!.etag);
  }

  await bridge.drain();

  expect(moved).toBeGreaterThan(0);
  expect(await bridge.getRun(runId)).toMatchObject({
    status: 'succeeded',
    counts: { updated: changed.length, unchanged: PAIRS - changed.length, failed: 0, linked: 0 },
  });
});
