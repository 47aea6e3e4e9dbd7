import { beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../src/domain/errors.js';
import {
  call,
  createTestBridge,
  faultsOf,
  givenConnection,
  givenMapping,
  type TestBridge,
  textAt,
} from '../support/bridge.js';
import { aLink, aRun } from '../support/builders.js';
import { connectionCalls } from './support/openings.js';

const SECRET = 'correct-horse-battery-staple';

let bridge: TestBridge;
beforeEach(() => {
  bridge = createTestBridge();
});

const { get, patch, remove } = connectionCalls(() => bridge);

describe('deleting a connection', () => {
  it('removes rows, secrets and reservations', async () => {
    const id = textAt(await givenConnection(bridge, { clientSecret: SECRET }), 'id');
    const mappingId = textAt(await givenMapping(bridge, id), 'id');
    await bridge.storage.links.insert(aLink({ connectionId: id, mappingId }));
    expect(await remove(id)).toMatchObject({ status: 204, body: undefined });
    expect(faultsOf(await get(id))).toEqual(['404 connection_not_found']);
    expect(bridge.secrets.values.size).toBe(0);
    expect(await bridge.storage.links.get(id, mappingId, '1')).toBeUndefined();
    const again = textAt(await givenConnection(bridge), 'id');
    expect((await givenMapping(bridge, again)).status).toBe(201);
  });

  it('refuses while a run is under way, with its address', async () => {
    const id = textAt(await givenConnection(bridge), 'id');
    const run = aRun({ connectionId: id });
    await bridge.storage.runs.open(run);
    const reply = await remove(id);
    expect(faultsOf(reply)).toEqual(['409 run_in_progress']);
    expect(reply.headers.location).toBe(`/api/runs/${run.id}`);
    expect((await get(id)).body).toMatchObject({ enabled: true });
  });

  it('can be repeated after the vault failed', async () => {
    const id = textAt(await givenConnection(bridge, { clientSecret: SECRET }), 'id');
    bridge.secrets.isDown = true;
    expect((await remove(id)).status).toBe(503);
    bridge.secrets.isDown = false;
    expect((await remove(id)).status).toBe(204);
  });

  it('honours If-Match', async () => {
    const made = await givenConnection(bridge);
    const id = textAt(made, 'id');
    await patch(id, { enabled: false });
    expect(faultsOf(await remove(id, { 'if-match': made.headers.etag ?? '' }))).toEqual([
      '412 precondition_failed',
    ]);
  });
});

describe('testing a connection', () => {
  const run = async (id: string) =>
    (await call(bridge.connections.test, { params: { id }, method: 'POST' })).body;

  it('goes through all steps in order', async () => {
    const id = textAt(await givenConnection(bridge), 'id');
    const step = (name: string) => ({ name, ok: true, durationMs: 0 });
    expect(await run(id)).toEqual({
      ok: true,
      steps: [
        'token',
        'whoAmI',
        'read contact',
        'write contact',
        'change tracking',
        'authScape token',
        'authScape module',
      ].map(step),
      organizationId: 'org-1',
      userId: 'user-1',
    });
  });

  it('ends each side with its first failure', async () => {
    const id = textAt(await givenConnection(bridge), 'id');
    bridge.probe.failures.readContact = new BridgeError('access_denied', 'No.', {
      hint: 'Look at the role.',
    });
    bridge.probe.failures.authScapeToken = new Error('secret detail');
    expect(await run(id)).toMatchObject({
      ok: false,
      steps: [
        { name: 'token', ok: true },
        { name: 'whoAmI', ok: true },
        { name: 'read contact', ok: false, code: 'access_denied', detail: 'No.', hint: 'Look at the role.' },
        {
          name: 'authScape token',
          ok: false,
          code: 'internal_error',
          detail: expect.not.stringContaining('secret'),
        },
      ],
    });
  });

  it('answers within 30 seconds when a system hangs', async () => {
    const id = textAt(await givenConnection(bridge), 'id');
    bridge.probe.failures.whoAmI = 'hang';
    const answer = run(id);
    while (bridge.clock.now() < Date.parse('2026-03-01T08:00:30Z')) {
      await new Promise(setImmediate);
      bridge.clock.advance(10_000);
    }
    expect(await answer).toMatchObject({
      ok: false,
      steps: [{ name: 'token' }, { name: 'whoAmI', ok: false, code: 'connection_timeout' }, {}, {}],
    });
  });
});
