import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WebhookRegistry } from '../../../src/application/ports/webhooks.js';
import { type WantedStep, wantedSteps } from '../../../src/domain/webhook.js';
import { parseSettings } from '../../stack/dataverse/webhooks/webhook-secret.js';
import { type Receiver, startReceiver } from '../../stack/receiver.js';
import { aFieldMapping, aMapping } from '../../support/builders.js';
import { reply } from '../http/script.js';
import { APP_ID, type Bench, startBench, startScriptBench } from './support.js';

let bench: Bench;
let receiver: Receiver;
let registry: WebhookRegistry;

beforeAll(async () => {
  bench = await startBench();
  receiver = await startReceiver();
});
beforeEach(async () => {
  await bench.control('POST', 'reset');
  registry = await bench.factory.webhooks(bench.connection);
});
afterAll(async () => {
  await bench.close();
  await receiver.close();
});

const URL_OF_US = 'https://bridge.example.com/api/crm/webhook/dynamics/c_1';
const wanted = wantedSteps('c_1', [
  aMapping({ fields: [aFieldMapping(), aFieldMapping({ crmField: 'lastname' })] }),
]);
const first = (): WantedStep => {
  const [step] = wanted;
  if (step === undefined) throw new Error('A step is expected.');
  return step;
};

async function registered(): Promise<string> {
  const id = await registry.createEndpoint('ours', URL_OF_US, 'a&"<secret>');
  for (const step of wanted) await registry.createStep(id, step);
  return id;
}

describe('a table', () => {
  it.each(['refused', 'unknown'])('whose steps are %s has no events', async (steps) => {
    const table = `new_${steps}`;
    await bench.control('POST', 'tables', { name: table, setName: `${table}s`, steps });
    const silent = wantedSteps('c_1', [aMapping({ crmEntity: table })]);
    expect(await registry.withoutEvent([...wanted, ...silent])).toEqual(silent);
    const id = await registry.createEndpoint('ours', URL_OF_US, 'secret');
    await expect(registry.createStep(id, silent[0] ?? first())).rejects.toMatchObject({
      message: expect.stringContaining(table),
    });
  });
});

describe('an endpoint', () => {
  it('is found by its name, quotes and all', async () => {
    const id = await registry.createEndpoint("o'ne", URL_OF_US, 'secret');
    await registry.createEndpoint('two', URL_OF_US, 'secret');
    expect(await registry.findEndpoints("o'ne")).toEqual([
      { id, url: URL_OF_US, usesHeader: true, hasSecret: true },
    ]);
    expect(await registry.findEndpoints('three')).toEqual([]);
  });

  it('is changed and removed; removing it twice is fine', async () => {
    const id = await registry.createEndpoint('one', URL_OF_US, 'secret');
    await registry.updateEndpoint(id, `${URL_OF_US}/2`, 'other');
    expect(await registry.findEndpoints('one')).toMatchObject([{ id, url: `${URL_OF_US}/2` }]);
    await registry.removeEndpoint(id);
    await registry.removeEndpoint(id);
    expect(await registry.findEndpoints('one')).toEqual([]);
  });
});

describe('steps', () => {
  it('come back as they were wanted', async () => {
    const id = await registered();
    const steps = await registry.steps(id, ['contact']);
    const byName = [...wanted].sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(steps).toEqual(
      byName.map((step) => ({ ...step, id: expect.any(String), enabled: true, isBackground: true })),
    );
    const strangers = await registry.steps(id, ['account']);
    expect(strangers.map(({ table, message }) => [table, message])).toEqual(wanted.map(() => [null, null]));
  });

  it('are repaired and removed', async () => {
    const id = await registered();
    const update = (await registry.steps(id, ['contact'])).find(({ message }) => message === 'Update');
    const step = wanted.find(({ message }) => message === 'Update');
    if (!update || !step) throw new Error('A step for updates is expected.');
    await registry.repairStep(update.id, { ...step, columns: ['jobtitle'] });
    expect((await registry.steps(id, ['contact'])).find((one) => one.id === update.id)).toMatchObject({
      ...{ columns: ['jobtitle'], enabled: true },
    });
    await registry.removeStep(update.id);
    await registry.removeStep(update.id);
    expect(await registry.steps(id, ['contact'])).toHaveLength(wanted.length - 1);
  });

  it('for tables without events are refused in words', async () => {
    const id = await registry.createEndpoint('one', URL_OF_US, 'secret');
    await expect(registry.createStep(id, { ...first(), table: 'nothing' })).rejects.toMatchObject({
      code: 'dynamics_error',
      message: expect.stringContaining('`nothing`'),
    });
  });

  it('keep their endpoint until they are removed', async () => {
    const id = await registered();
    await expect(registry.removeEndpoint(id)).rejects.toMatchObject({ code: 'dynamics_error' });
    for (const step of await registry.steps(id, [])) await registry.removeStep(step.id);
    await registry.removeEndpoint(id);
  });
});

describe('what is registered', () => {
  it('brings notifications with the secret in the header', async () => {
    const id = await registry.createEndpoint('ours', `${receiver.url}/hook`, 'a&"<secret>');
    await registry.createStep(id, first());
    await bench.control('POST', 'webhooks', { deliver: true });
    await bench.system.create('contact', '00000000-0000-4000-8000-000000000001', { lastname: 'Lie' }, []);
    const [request] = await receiver.until(1);
    expect(request?.headers['x-authscape-webhook-secret']).toBe('a&"<secret>');
  });

  it('survives characters that XML keeps for itself', () => {
    const text = '<settings><setting name="x" value="a&amp;&quot;&lt;b" /></settings>';
    expect(parseSettings(text)).toEqual([{ name: 'x', value: 'a&"<b' }]);
  });
});

describe('without the right to customize', () => {
  it('the error says which role is missing', async () => {
    await bench.control('POST', 'users', { appId: APP_ID, state: 'notCustomizer' });
    const refused = registry.createEndpoint('one', URL_OF_US, 'secret');
    await expect(refused).rejects.toMatchObject({
      code: 'access_denied',
      hint: expect.stringContaining('System Customizer'),
    });
  });
});

describe('answers out of the ordinary', () => {
  const id = 'e0000000-0000-4000-8000-000000000001';

  it.each([
    ['HTML', reply(200, '<html>Sign in</html>')],
    ['nothing', reply(204)],
  ])('%s is a fault of Dynamics and no fault of the program', async (_name, step) => {
    const script = await startScriptBench(step);
    const odd = await script.factory.webhooks(script.connection);
    await expect(odd.findEndpoints('ours')).rejects.toMatchObject({ code: 'dynamics_error' });
    await expect(odd.createEndpoint('ours', URL_OF_US, 'secret')).rejects.toMatchObject({
      code: 'dynamics_error',
    });
    await script.close();
  });

  it('an endpoint that is not shown after it was made is known by its address', async () => {
    const address = `https://contoso.crm.dynamics.com/api/data/v9.2/serviceendpoints(${id.toUpperCase()})`;
    const script = await startScriptBench(reply(204, '', { 'OData-EntityId': address }));
    const odd = await script.factory.webhooks(script.connection);
    await expect(odd.createEndpoint('ours', URL_OF_US, 'secret')).resolves.toBe(id);
    await script.close();
  });
});
