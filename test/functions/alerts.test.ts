import { describe, expect, it } from 'vitest';
import { call, createTestBridge, faultsOf, givenConnection, textAt } from '../support/bridge.js';

const URL = 'https://alerts.contoso.com/hook?sig=key-in-the-address';
const SECRET = 'a-secret-of-sixteen';

async function given(settings: Parameters<typeof createTestBridge>[0] = {}) {
  const bridge = createTestBridge(settings);
  const id = textAt(await givenConnection(bridge), 'id');
  const { get, remove, set } = bridge.alerts;
  return {
    bridge,
    get: () => call(get, { params: { id } }),
    set: (body: unknown) => call(set, { method: 'PUT', params: { id }, body }),
    remove: () => call(remove, { method: 'DELETE', params: { id } }),
  };
}

describe('alerts over the API', () => {
  it('are set, shown without the address and its secret, and ended', async () => {
    const { bridge, get, remove, set } = await given();
    expect(faultsOf(await get())[0]).toBe('404 not_found');
    const reply = await set({ url: URL, secret: SECRET });
    expect(reply).toMatchObject({ status: 200 });
    expect(reply.body).toEqual({
      ...{ origin: 'https://alerts.contoso.com', format: 'json', hasSecret: true, afterIntervals: 3 },
      ...{ disabledAt: null, failingSince: null, pending: 0, open: [] },
    });
    expect(await get()).toMatchObject({ status: 200, body: reply.body });

    const rows = JSON.stringify([bridge.storage.tables.rows('Alerts'), bridge.lines]);
    expect(rows).toContain('alerts.contoso.com');
    expect(rows).not.toMatch(/key-in-the-address|a-secret-of/);
    expect(JSON.stringify([...bridge.secrets.values].map(([, values]) => [...values]))).toContain(SECRET);

    expect(await remove()).toMatchObject({ status: 204 });
    expect(faultsOf(await get())[0]).toBe('404 not_found');
    expect([...bridge.secrets.values.keys()].filter((name) => name.includes('alert'))).toEqual([]);
    expect(bridge.storage.tables.rows('Audit').length).toBeGreaterThan(0);
  });

  it('are in the audit with what differs, and without address and secret', async () => {
    const { bridge, remove, set } = await given();
    const newest = async () => {
      const { items } = (await call(bridge.audit.list)).body as { items: unknown[] };
      return items[0];
    };
    bridge.clock.advance(1_000);
    await set({ url: URL, secret: SECRET });
    const settings = {
      origin: 'https://alerts.contoso.com',
      format: 'json',
      isSigned: true,
      afterIntervals: 3,
    };
    expect(await newest()).toMatchObject({
      action: 'alerts.set',
      changes: [{ path: 'alerts', from: null, to: { ...settings, secret: '***' } }],
    });
    bridge.clock.advance(1_000);
    await set({ url: URL, secret: SECRET, afterIntervals: 5 });
    expect(await newest()).toMatchObject({
      changes: [
        { path: 'alerts.afterIntervals', from: 3, to: 5 },
        { path: 'alerts.secret', from: '***', to: '***' },
      ],
    });
    bridge.clock.advance(1_000);
    await remove();
    expect(await newest()).toMatchObject({
      action: 'alerts.remove',
      changes: [{ path: 'alerts', to: null }],
    });
    expect(JSON.stringify(bridge.storage.tables.rows('Audit'))).not.toMatch(/key-in-the-address|a-secret-of/);
  });

  it.each([
    ['http://alerts.contoso.com/', 'url'],
    ['https://10.0.0.1/', 'url'],
    ['https://localhost/', 'url'],
    ['https://alerts.internal/', 'url'],
    ['https://user:word@alerts.contoso.com/', 'url'],
    ['not a url', 'url'],
    ['http://127.0.0.1:9/', 'url'],
  ])('go to public https addresses only, not to %s', async (url, path) => {
    const { set } = await given();
    expect(faultsOf(await set({ url, secret: SECRET }))).toEqual([
      '400 invalid_request',
      expect.stringMatching(`^${path}: `),
    ]);
  });

  it('go to the machine itself in a local run', async () => {
    const { set } = await given({ hostMap: { 'contoso.crm.dynamics.com': 'http://127.0.0.1:1' } });
    expect(await set({ url: 'http://127.0.0.1:9/', secret: SECRET })).toMatchObject({ status: 200 });
  });

  it('are signed, but for a Teams workflow, which does not look at that', async () => {
    const { set } = await given();
    expect(faultsOf(await set({ url: URL }))).toEqual([
      '400 invalid_request',
      expect.stringMatching(/^secret: /),
    ]);
    expect(faultsOf(await set({ url: URL, secret: 'short' }))).toEqual([
      '400 invalid_request',
      expect.stringMatching(/^secret: /),
    ]);
    expect(await set({ url: URL, format: 'teamsWorkflow' })).toMatchObject({ status: 200 });
  });
});
