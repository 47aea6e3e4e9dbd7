import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appId, domain, editorId, SimClient } from './sim-client.js';

let client: SimClient;

beforeEach(async () => {
  client = await SimClient.start();
});

afterEach(() => client.sim.close());

describe('tokens', () => {
  it.each([
    ['no token', ''],
    ['an unknown token', 'expired'],
    ['a token for another environment', `${appId}|https://other.crm.dynamics.com`],
  ])('refuses %s with 401', async (_name, token) => {
    const answer = await client.ask('GET', 'WhoAmI', { token });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('Bearer authorization_uri=');
    // The code of a user who is no member would say another thing to a client that reads the code first.
    expect(answer.json.error.code).toBe('0x0');
  });

  it('sends the 401 without a body when told to', async () => {
    await client.control('POST', 'behaviour', { unauthorizedBody: 'empty' });
    const answer = await client.ask('GET', 'WhoAmI', { token: 'expired' });
    expect([answer.status, answer.text]).toEqual([401, '']);
  });

  it.each([`https://${domain}`, `https://${domain}/`, 'https://contoso.api.crm.dynamics.com'])(
    'accepts the audience %s',
    async (audience) => {
      const answer = await client.ask('GET', 'WhoAmI', { token: `${appId}|${audience}` });
      expect(answer.status).toBe(200);
    },
  );
});

describe('WhoAmI', () => {
  it('names the user and the organization', async () => {
    const own = await client.get('WhoAmI');
    const other = await client.ask('GET', 'WhoAmI', { token: `${editorId}|https://${domain}` });
    expect(own.json.OrganizationId).toBe(client.sim.organizationId);
    expect(own.json['@odata.context']).toBe(`${client.root}/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse`);
    expect(own.json.UserId).not.toBe(other.json.UserId);
    expect(own.json.BusinessUnitId).toBe(other.json.BusinessUnitId);
  });

  it('is not there for POST', async () => {
    const answer = await client.ask('POST', 'WhoAmI', { body: {} });
    expect(answer.status).toBe(404);
    expect(answer.json.error.message).toContain('No HTTP resource was found');
  });

  it('shows another organization after the environment was copied', async () => {
    const organizationId = '20000000-0000-4000-8000-000000000009';
    await client.control('POST', 'organization', { organizationId });
    expect((await client.get('WhoAmI')).json.OrganizationId).toBe(organizationId);
    const rows = await client.get('organizations?$select=organizationid,expirechangetrackingindays');
    expect(rows.json.value).toMatchObject([
      { organizationid: organizationId, expirechangetrackingindays: 7 },
    ]);
  });
});

describe('application users', () => {
  it.each([
    ['none', '0x80072560'],
    ['noRole', '0x80042f09'],
    ['disabled', '0x80040225'],
  ])('answers 403 to a user in the state %s', async (state, code) => {
    await client.control('POST', 'users', { appId, state });
    const answer = await client.get('WhoAmI');
    expect([answer.status, answer.json.error.code]).toEqual([403, code]);
    await client.control('POST', 'users', { appId, state: 'ok' });
    expect((await client.get('WhoAmI')).status).toBe(200);
  });

  it('answers 403 to an app without a user', async () => {
    const answer = await client.ask('GET', 'WhoAmI', { token: `${crypto.randomUUID()}|https://${domain}` });
    expect([answer.status, answer.json.error.code]).toEqual([403, '0x80072560']);
  });

  it('lets a user without a privilege do everything else', async () => {
    await client.control('POST', 'users', { appId, state: 'missingPrivilege', privilege: 'prvReadContact' });
    const refused = await client.get('contacts');
    expect([refused.status, refused.json.error.code]).toEqual([403, '0x80040220']);
    expect(refused.json.error.message).toContain('prvReadContact');
    expect((await client.get('accounts')).status).toBe(200);
    expect((await client.ask('POST', 'contacts', { body: {} })).status).toBe(204);
  });

  it.each([
    ['prvWriteContact', { 'if-match': '*' }],
    ['prvCreateContact', {}],
  ])('asks for %s before it says that the row to change is missing', async (privilege, headers) => {
    const path = 'contacts(c0000000-0000-4000-8000-0000000000ff)';
    await client.control('POST', 'users', { appId, state: 'missingPrivilege', privilege });
    expect((await client.ask('PATCH', path, { body: {}, headers })).json.error.code).toBe('0x80040220');
    await client.control('POST', 'users', { appId, state: 'ok' });
    const allowed = await client.ask('PATCH', path, { body: {}, headers: { 'if-match': '*' } });
    expect(allowed.status).toBe(404);
  });
});

describe('rows and columns out of reach', () => {
  it('answers 403 to a row that is not shared, and leaves it out of lists', async () => {
    const id = await client.create('contacts', { lastname: 'Secret' });
    await client.control('POST', 'users', { appId, state: 'ok', deniedRows: [id] });
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const answer = await client.ask(method, `contacts(${id})`, method === 'PATCH' ? { body: {} } : {});
      expect([answer.status, answer.json.error.code]).toEqual([403, '0x80048306']);
    }
    expect((await client.get('contacts')).json.value).toEqual([]);
  });

  it('shows a secured column as empty and refuses to write it', async () => {
    const id = await client.create('contacts', { lastname: 'Berg', governmentid: '123' });
    await client.control('POST', 'users', { appId, state: 'ok', securedColumns: ['contact.governmentid'] });
    const row = await client.get(`contacts(${id})?$select=lastname,governmentid`);
    expect(row.json).toMatchObject({ lastname: 'Berg', governmentid: null });
    const answer = await client.ask('PATCH', `contacts(${id})`, { body: { governmentid: '456' } });
    expect([answer.status, answer.json.error.code]).toEqual([403, '0x8004f507']);
    const attribute = "EntityDefinitions(LogicalName='contact')/Attributes(LogicalName='governmentid')";
    expect((await client.get(`${attribute}?$select=IsSecured`)).json).toMatchObject({ IsSecured: true });
  });
});

describe('errors and headers', () => {
  it('finds no set or property of another letter case', async () => {
    const unknownSet = await client.get('Contacts');
    const unknownColumn = await client.get('contacts?$select=FirstName');
    const unknownWrite = await client.ask('POST', 'contacts', { body: { FirstName: 'Ada' } });
    expect([unknownSet.status, unknownSet.json.error.code]).toEqual([404, '0x8006088a']);
    expect(unknownColumn.status).toBe(400);
    expect(unknownColumn.json.error.message).toContain("Could not find a property named 'FirstName'");
    expect([unknownWrite.status, unknownWrite.json.error.code]).toEqual([400, '0x80048d19']);
  });

  it('puts the platform headers on every answer', async () => {
    for (const path of ['WhoAmI', 'contacts', 'nothing']) {
      const { headers } = await client.get(path);
      expect(headers['odata-version']).toBe('4.0');
      expect(headers.req_id).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers['x-ms-service-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(Number(headers['x-ms-dop-hint'])).toBeGreaterThan(0);
      expect(headers['x-ms-ratelimit-burst-remaining-xrm-requests']).toMatch(/^\d+$/);
      expect(headers['x-ms-ratelimit-time-remaining-xrm-requests']).toBeDefined();
      expect(headers['set-cookie']).toContain('ARRAffinity=');
    }
  });

  it('explains errors further when all annotations are asked for', async () => {
    const answer = await client.get('nothing', 'odata.include-annotations="*"');
    expect(answer.json.error).toHaveProperty('@Microsoft.PowerApps.CDS.HelpLink');
  });

  it('sends errors without a code when told to', async () => {
    await client.control('POST', 'behaviour', { emptyCodes: true });
    expect((await client.get('nothing')).json.error.code).toBe('');
  });

  it('injects gateway errors with HTML and throttling with its code', async () => {
    await client.control('POST', 'faults', [
      { match: 'GET contacts', status: 503, times: 1 },
      { match: 'GET contacts', status: 429, retryAfter: 2, times: 1 },
      { match: 'GET contacts', status: 500, code: '0x80044150', times: 1 },
    ]);
    const gateway = await client.get('contacts');
    expect([gateway.status, gateway.text.includes('<html>')]).toEqual([503, true]);
    const throttled = await client.get('contacts');
    expect(throttled.headers['retry-after']).toBe('2');
    expect([throttled.status, throttled.json.error.code]).toEqual([429, '0x80072322']);
    expect((await client.get('contacts')).json.error.code).toBe('0x80044150');
    expect((await client.get('contacts')).status).toBe(200);
  });

  it.each([
    ['GET', 'GlobalOptionSetDefinitions'],
    ['POST', 'contacts/Microsoft.Dynamics.CRM.DeleteMultiple'],
    ['GET', 'accounts?$expand=contact_customer_accounts($select=lastname)'],
    ['GET', '$metadata'],
    ['GET', "contacts?$filter=contact_customer_contacts/any(c:c/lastname eq 'x')"],
    ['GET', 'contacts?$apply=aggregate($count as n)'],
  ])('says that it lacks %s %s', async (method, path) => {
    const answer = await client.ask(
      method,
      path.replaceAll(' ', '%20'),
      method === 'POST' ? { body: {} } : {},
    );
    expect(answer.status).toBe(501);
    expect(answer.json.error.message).toContain('does not support');
  });
});
