import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startReceiver } from '../../receiver.js';
import { appId } from '../sim-client.js';
import { WebhookHarness } from './webhook-harness.js';

let hooks: WebhookHarness;
let endpointId: string;

beforeEach(async () => {
  hooks = await WebhookHarness.start();
  endpointId = await hooks.endpoint();
});

afterEach(() => hooks.close());

const patch = (path: string, body: object, headers = {}) =>
  hooks.client.ask('PATCH', path, { body, headers });
const contact = (columns: object = {}) => hooks.client.create('contacts', { lastname: 'Lie', ...columns });
const told = async () =>
  (await hooks.settled()).map(({ MessageName, PrimaryEntityId }) => `${MessageName} ${PrimaryEntityId}`);

describe('what is told', () => {
  it('is nothing until delivery is switched on, and after a reset', async () => {
    await hooks.step(endpointId, { message: 'Create' });
    await contact();
    await hooks.deliver();
    const id = await contact();
    expect(await told()).toEqual([`Create ${id}`]);
    await hooks.client.control('POST', 'reset');
    await contact();
    expect(await hooks.counts()).toMatchObject({ delivered: 0, failed: 0, pending: 0, dropped: 0 });
    expect(hooks.receiver.received).toHaveLength(1);
  });

  it('is an update whose request includes a filtering column, changed or not', async () => {
    const id = await contact({ jobtitle: 'Poet' });
    await hooks.step(endpointId, { filteringattributes: 'lastname, parentcustomerid' });
    await hooks.deliver();
    await patch(`contacts(${id})`, { jobtitle: 'Painter' });
    await patch(`contacts(${id})`, { lastname: 'Lie', jobtitle: 'Painter' });
    await patch(`contacts(${id})`, { 'parentcustomerid_account@odata.bind': null });
    expect(await told()).toEqual([`Update ${id}`, `Update ${id}`]);
  });

  it('leaves out other tables and disabled steps', async () => {
    const stepId = await hooks.step(endpointId, { message: 'Create' });
    await hooks.deliver();
    await hooks.client.create('accounts', { name: 'Lie AS' });
    await patch(`sdkmessageprocessingsteps(${stepId})`, { statecode: 1, statuscode: 2 });
    await contact();
    await patch(`sdkmessageprocessingsteps(${stepId})`, { statecode: 0, statuscode: 1 });
    const id = await contact();
    expect(await told()).toEqual([`Create ${id}`]);
  });

  it('includes what goes with a deleted row', async () => {
    const accountId = await hooks.client.create('accounts', { name: 'Lie AS' });
    const id = await contact({ 'parentcustomerid_account@odata.bind': `/accounts(${accountId})` });
    await hooks.step(endpointId, { message: 'Delete' });
    await hooks.step(endpointId, { message: 'Delete', table: 'account' });
    await hooks.deliver();
    await hooks.client.ask('DELETE', `accounts(${accountId})`);
    expect((await told()).sort()).toEqual([`Delete ${accountId}`, `Delete ${id}`].sort());
  });

  it('shows a merge as updates of both rows', async () => {
    const [targetId, otherId] = [await contact(), await contact()];
    await hooks.step(endpointId);
    await hooks.deliver();
    const party = (contactid: string) => ({ '@odata.type': 'Microsoft.Dynamics.CRM.contact', contactid });
    const body = { Target: party(targetId), Subordinate: party(otherId), PerformParentingChecks: false };
    expect((await hooks.client.ask('POST', 'Merge', { body })).status).toBe(204);
    expect(new Set(await told())).toEqual(new Set([`Update ${targetId}`, `Update ${otherId}`]));
  });

  it('is not what was undone', async () => {
    await hooks.step(endpointId, { message: 'Create' });
    await hooks.deliver();
    const part = (number: number, body: object) => [
      '--c',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      `Content-ID: ${number}`,
      '',
      'POST /api/data/v9.2/contacts HTTP/1.1',
      'Content-Type: application/json',
      '',
      JSON.stringify(body),
    ];
    const lines = [
      ...['--b', 'Content-Type: multipart/mixed; boundary=c', ''],
      ...part(1, { lastname: 'Lie' }),
      ...part(2, { nothing: true }),
      ...['--c--', '--b--', ''],
    ];
    const headers = { 'content-type': 'multipart/mixed; boundary=b' };
    const batch = await hooks.client.ask('POST', '$batch', { body: lines.join('\r\n'), headers });
    expect(batch.text).toContain('HTTP/1.1 400');
    const id = await contact();
    expect(await told()).toEqual([`Create ${id}`]);
  });

  it('can be suppressed by the request, with the right to do so', async () => {
    const id = await contact();
    const stepId = await hooks.step(endpointId);
    await hooks.deliver();
    const change = { lastname: 'Moe' };
    await patch(`contacts(${id})`, change, {
      'MSCRM.BypassBusinessLogicExecutionStepIds': stepId.toUpperCase(),
    });
    await patch(`contacts(${id})`, change, {
      'MSCRM.BypassBusinessLogicExecution': 'CustomSync,CustomAsync',
    });
    expect(await told()).toEqual([]);
    await patch(`contacts(${id})`, change, { 'MSCRM.BypassBusinessLogicExecution': 'CustomSync' });
    expect(await told()).toEqual([`Update ${id}`]);
    const privilege = 'prvBypassCustomBusinessLogic';
    await hooks.client.control('POST', 'users', { appId, state: 'missingPrivilege', privilege });
    const headers = { 'MSCRM.BypassBusinessLogicExecutionStepIds': stepId };
    expect((await patch(`contacts(${id})`, change, headers)).status).toBe(403);
  });
});

describe('how it arrives', () => {
  it.each([502, 503, 504])('once more after a %i', async (status) => {
    const stepId = await hooks.step(endpointId, { message: 'Create' });
    await hooks.deliver({ repeatAfterMs: 10 });
    hooks.receiver.answers.push(status);
    await contact();
    const [first, second, ...more] = await hooks.settled();
    expect([second?.OperationId, more]).toEqual([first?.OperationId, []]);
    expect(await hooks.counts()).toMatchObject({ delivered: 1, failed: 0 });
    expect(await hooks.failures(stepId)).toEqual([]);
  });

  it('no third time', async () => {
    const stepId = await hooks.step(endpointId, { message: 'Create' });
    await hooks.deliver({ repeatAfterMs: 10 });
    hooks.receiver.answers.push(503, 503);
    await contact();
    expect(await hooks.settled()).toHaveLength(2);
    expect(await hooks.failures(stepId)).toMatchObject([{ retrycount: 1 }]);
  });

  it.each([400, 401, 404, 408, 429, 500])(
    'not again after a %i, which leaves a failed job',
    async (status) => {
      const stepId = await hooks.step(endpointId, { message: 'Create' });
      await hooks.deliver({ repeatAfterMs: 10 });
      hooks.receiver.answers.push(status);
      await contact();
      const [context, ...more] = await hooks.settled();
      expect(more).toEqual([]);
      expect(await hooks.failures(stepId)).toMatchObject([
        {
          ...{ asyncoperationid: context?.OperationId, statecode: 3, statuscode: 31, messagename: 'Create' },
          ...{ errorcode: 0x80050201 | 0, name: 'sync: Create of contact', retrycount: 0 },
        },
      ]);
      expect(await hooks.counts()).toMatchObject({ delivered: 0, failed: 1, pending: 0 });
    },
  );

  it('not again when there is no answer in time', async () => {
    const stepId = await hooks.step(endpointId, { message: 'Create' });
    await hooks.deliver({ timeoutMs: 50, repeatAfterMs: 10 });
    hooks.receiver.answers.push('hang');
    await contact();
    expect(await hooks.settled()).toHaveLength(1);
    const [job] = await hooks.failures(stepId);
    expect(job?.errorcode).toBe(0x80050202 | 0);
    expect((await hooks.client.ask('DELETE', `asyncoperations(${job?.asyncoperationid})`)).status).toBe(204);
    expect(await hooks.failures(stepId)).toEqual([]);
  });

  it('not at all when no server listens', async () => {
    const gone = await startReceiver();
    await gone.close();
    const stepId = await hooks.step(await hooks.endpoint({ url: gone.url }), { message: 'Create' });
    await hooks.deliver();
    await contact();
    await hooks.settled();
    expect(await hooks.failures(stepId)).toMatchObject([{ errorcode: 0x80050205 | 0 }]);
  });

  it('with a job for a success, where the step keeps it', async () => {
    await hooks.step(endpointId, { message: 'Create', asyncautodelete: false });
    await hooks.deliver();
    await contact();
    await hooks.settled();
    const jobs = await hooks.client.get('asyncoperations');
    expect(jobs.json.value).toMatchObject([{ statuscode: 30, errorcode: null }]);
  });

  it('twice, late, in the wrong order or never, as told', async () => {
    await hooks.step(endpointId, { message: 'Create' });
    await hooks.deliver({ duplicate: 1, delayMs: 20 });
    const id = await contact();
    expect(await told()).toEqual([`Create ${id}`, `Create ${id}`]);
    const [first, second] = await hooks.settled();
    expect(second?.OperationId).toBe(first?.OperationId);
    await hooks.deliver({ drop: 1 });
    await contact();
    expect(await hooks.counts()).toMatchObject({ delivered: 2, dropped: 1, pending: 0 });
    hooks.receiver.received.length = 0;
    await hooks.deliver({ reorder: true });
    const accountId = await hooks.client.create('accounts', { name: 'Lie AS' });
    const made = await Promise.all([1, 2, 3].map(() => contact()));
    expect(new Set(await told())).toEqual(new Set(made.map((each) => `Create ${each}`)));
    await hooks.step(endpointId, { message: 'Delete' });
    await hooks.step(endpointId, { message: 'Delete', table: 'account' });
    await patch(`contacts(${made[0]})`, { 'parentcustomerid_account@odata.bind': `/accounts(${accountId})` });
    hooks.receiver.received.length = 0;
    await hooks.client.ask('DELETE', `accounts(${accountId})`);
    expect(await told()).toEqual([`Delete ${made[0]}`, `Delete ${accountId}`]);
  });

  it('under the secret of the moment', async () => {
    await hooks.step(endpointId, { message: 'Create' });
    await hooks.deliver({ repeatAfterMs: 200 });
    hooks.receiver.answers.push(503);
    await contact();
    await hooks.receiver.until(1);
    await patch(`serviceendpoints(${endpointId})`, { authvalue: 'new' });
    await hooks.settled();
    expect(hooks.receiver.received.map(({ query }) => query.code)).toEqual(['a+key', 'new']);
  });

  it.each([{}, { deliver: true, duplicate: 2 }, { deliver: true, often: true }])(
    'unless %j',
    async (body) => {
      await expect(hooks.client.control('POST', 'webhooks', body)).rejects.toThrow('400');
    },
  );
});
