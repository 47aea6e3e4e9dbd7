import { beforeEach, describe, expect, it } from 'vitest';
import type { OneRecordResult } from '../../src/application/records/sync-one-record.js';
import {
  call,
  createTestBridge,
  faultsOf,
  givenConnection,
  type TestBridge,
  textAt,
} from '../support/bridge.js';
import { aLink, aMapping } from '../support/builders.js';

let bridge: TestBridge;
beforeEach(() => {
  bridge = createTestBridge();
});

const CRM_ID = '6f0d1c1e-1111-4a2b-9c3d-000000000001';
const link = aLink();
const shownLink = {
  ...{ id: expect.stringMatching(/^l_/), mappingId: link.mappingId, entity: 'User', authScapeId: '1' },
  ...{ crmEntity: 'contact', crmId: CRM_ID, state: 'linked', createdAt: link.createdAt },
  lastSyncedAt: link.lastSyncedAt,
};
const result: OneRecordResult = {
  ...{ connectionId: 'c_1', mappingId: link.mappingId, outcome: 'linked', authScapeId: '1', crmId: CRM_ID },
  ...{ changes: [], error: null },
};

describe('the page of a record', () => {
  const view = (params: Record<string, string>, query: Record<string, string> = {}) =>
    call(bridge.recordPages.view, { params: { id: 'c_1', ...params }, query });

  it('shows values that could not be read as null, and says so', async () => {
    bridge.scriptedPages.view = {
      ...{ mapping: aMapping(), mappingIds: [link.mappingId], authScapeId: '1', crmId: CRM_ID, link },
      authScape: { id: '1', values: {}, active: true, complete: true, readAt: 0 },
      dynamics: null,
      unavailable: { code: 'access_denied', message: 'May not be read.' },
      fields: [
        {
          ...{ id: 'f_1', authScapeField: 'firstName', crmField: 'firstname', direction: 'Bidirectional' },
          ...{ authScape: 'Ada', dynamics: undefined, differs: null, changed: [], lastChange: null },
          base: { authScape: 'Ada', dynamics: 'Ada' },
        },
      ],
      ...{ log: [], failures: [], held: [], deadLetters: [] },
      marks: [
        {
          ...{ mappingId: 'm_1', authScapeId: null, crmId: CRM_ID, reason: 'busy' },
          attempts: 2,
          notBefore: 0,
        },
      ],
    };
    const reply = await view({ entity: 'User', authScapeId: '1' }, { mappingId: 'm_1' });

    expect(bridge.recordCalls).toEqual([
      ['view', 'c_1', { entity: 'User', authScapeId: '1', mappingId: 'm_1' }],
    ]);
    expect(reply).toMatchObject({
      status: 200,
      body: {
        ...{ entity: 'User', authScapeId: '1', crmEntity: 'contact', crmId: CRM_ID },
        link: { ...shownLink, clean: true, tombstone: null },
        authScape: { active: true, readAt: '1970-01-01T00:00:00.000Z' },
        dynamics: null,
        unavailable: { code: 'access_denied' },
        fields: [{ authScape: 'Ada', dynamics: null, unread: ['dynamics'], differs: null }],
        marks: [{ reason: 'busy', attempts: 2, notBefore: '1970-01-01T00:00:00.000Z' }],
      },
    });
  });

  it('is asked for by an entity and an id', async () => {
    expect(faultsOf(await view({ entity: 'Order', authScapeId: '1' }))[0]).toBe('400 invalid_request');
  });
});

describe('the search for records', () => {
  const search = (query: Record<string, string>) =>
    call(bridge.recordPages.search, { params: { id: 'c_1' }, query });

  it('shows both sides with their link', async () => {
    const label = { name: 'Ada Byron', email: 'ada@x.test', active: true };
    const found = {
      mappingId: 'm_1',
      entity: 'User',
      crmEntity: 'contact',
      authScapeId: '1',
      crmId: CRM_ID,
    } as const;
    bridge.scriptedPages.search = {
      items: [{ ...found, authScape: label, dynamics: null, link }],
      truncated: true,
    };

    expect(await search({ search: ' ada ', entity: 'User' })).toMatchObject({
      status: 200,
      body: { items: [{ ...found, authScape: label, dynamics: null, link: shownLink }], truncated: true },
    });
    expect(bridge.recordCalls).toEqual([['search', 'c_1', 'ada', 'User']]);
  });

  it.each([{}, { search: 'a' }, { search: 'ada', entity: 'Order' }])('is refused for %j', async (query) => {
    expect(faultsOf(await search(query))[0]).toBe('400 invalid_request');
  });
});

describe('linking by hand', () => {
  const body = { mappingId: link.mappingId, authScapeId: 1, crmId: CRM_ID };
  const send = (more: Record<string, unknown> = {}, query: Record<string, string> = {}) =>
    call(bridge.recordPages.link, { params: { id: 'c_1' }, body: { ...body, ...more }, query });

  it('answers 201 with the link and what the first merge did', async () => {
    bridge.scriptedPages.link = { link, mapping: aMapping(), result };
    expect(await send()).toMatchObject({
      status: 201,
      headers: { location: expect.stringMatching(/^\/api\/connections\/c_1234567890\/links\/l_/) },
      body: { ...shownLink, outcome: 'linked', changes: [] },
    });
    const asked = { mappingId: link.mappingId, authScapeId: '1', crmId: CRM_ID };
    expect(bridge.recordCalls).toEqual([['link', 'c_1', asked, { preview: false }]]);
  });

  it('answers 200 without a link to a preview', async () => {
    const error = { code: 'value_too_long', message: 'Too long.' };
    bridge.scriptedPages.link = { link: undefined, mapping: aMapping(), result: { ...result, error } };
    const reply = await send({}, { preview: 'true' });
    expect(reply).toMatchObject({ status: 200, body: { crmId: CRM_ID, outcome: 'linked', error } });
    expect(Object(reply.body)).not.toHaveProperty('id');
  });

  it('is refused for what is no pair', async () => {
    expect(faultsOf(await send({ crmId: 'x', extra: 1 }))).toEqual([
      '400 invalid_request',
      'crmId: Must be a GUID.',
      'extra: This property is not known.',
    ]);
    expect(faultsOf(await send({}, { preview: 'yes' }))[0]).toBe('400 invalid_request');
  });

  it('leaves an entry in the audit, a preview none', async () => {
    const id = textAt(await givenConnection(bridge), 'id');
    const ask = (query: Record<string, string>) =>
      call(bridge.recordPages.link, { params: { id }, body, query });
    bridge.scriptedPages.link = { link: undefined, mapping: aMapping(), result };
    await ask({ preview: 'true' });
    bridge.scriptedPages.link = { link, mapping: aMapping(), result };
    await ask({});
    const { items } = (await call(bridge.audit.list)).body as { items: readonly { action: string }[] };
    expect(items.map(({ action }) => action).sort()).toEqual(['connection.create', 'link.create']);
  });
});
