import { vi } from 'vitest';
import { type Receiver, startReceiver } from '../../receiver.js';
import { SimClient } from '../sim-client.js';

export interface Entity {
  Attributes: { key: string; value: unknown }[];
  [name: string]: unknown;
}

/** A posted RemoteExecutionContext, as far as tests look at it. */
export interface Context {
  MessageName: string;
  PrimaryEntityId: string;
  PrimaryEntityName: string;
  InputParameters?: { key: string; value: Entity }[];
  PreEntityImages?: { key: string; value: Entity }[];
  PostEntityImages?: { key: string; value: Entity }[];
  [name: string]: unknown;
}

export interface StepOptions {
  message?: 'Create' | 'Update' | 'Delete';
  table?: string;
  [column: string]: unknown;
}

/** A simulator, a receiver, and the steps of registering the one with the other. */
export class WebhookHarness {
  readonly client: SimClient;
  readonly receiver: Receiver;

  constructor(client: SimClient, receiver: Receiver) {
    this.client = client;
    this.receiver = receiver;
  }

  static async start(): Promise<WebhookHarness> {
    return new WebhookHarness(await SimClient.start(), await startReceiver());
  }

  async close(): Promise<void> {
    await this.client.sim.close();
    await this.receiver.close();
  }

  endpoint(columns: Record<string, unknown> = {}): Promise<string> {
    const url = `${this.receiver.url}/hooks/1`;
    const given = { name: 'sync', url, contract: 8, authtype: 4, authvalue: 'a+key', ...columns };
    return this.client.create('serviceendpoints', given);
  }

  async step(endpointId: string, { message = 'Update', table = 'contact', ...columns }: StepOptions = {}) {
    const filter = `primaryobjecttypecode eq '${table}' and sdkmessageid/name eq '${message}'`;
    const found = await this.client.get(`sdkmessagefilters?$filter=${encodeURIComponent(filter)}`);
    const [row] = found.json.value;
    return this.client.create('sdkmessageprocessingsteps', {
      name: `sync: ${message} of ${table}`,
      ...{ mode: 1, stage: 40, rank: 1, supporteddeployment: 0, asyncautodelete: true },
      'eventhandler_serviceendpoint@odata.bind': `/serviceendpoints(${endpointId})`,
      'sdkmessageid@odata.bind': `/sdkmessages(${row?._sdkmessageid_value})`,
      'sdkmessagefilterid@odata.bind': `/sdkmessagefilters(${row?.sdkmessagefilterid})`,
      ...columns,
    });
  }

  image(stepId: string, columns: Record<string, unknown>): Promise<string> {
    return this.client.create('sdkmessageprocessingstepimages', {
      ...{ name: 'image', entityalias: 'image', messagepropertyname: 'Target' },
      'sdkmessageprocessingstepid@odata.bind': `/sdkmessageprocessingsteps(${stepId})`,
      ...columns,
    });
  }

  deliver(settings: object = {}) {
    return this.client.control('POST', 'webhooks', { deliver: true, ...settings });
  }

  counts() {
    return this.client.control('GET', 'webhooks');
  }

  /** Waits until nothing is pending and returns the bodies that were posted. */
  async settled(): Promise<Context[]> {
    await vi.waitUntil(async () => (await this.counts()).pending === 0, { timeout: 5000, interval: 5 });
    return this.receiver.received.map(({ text }) => JSON.parse(text) as Context);
  }

  async failures(stepId: string) {
    const filter = `statuscode eq 31 and _owningextensionid_value eq ${stepId}`;
    const found = await this.client.get(`asyncoperations?$filter=${encodeURIComponent(filter)}`);
    return found.json.value;
  }
}

/** The attributes of an entity in a body, by name. */
export function attributes(entity: Entity | undefined): Record<string, unknown> {
  return Object.fromEntries((entity?.Attributes ?? []).map(({ key, value }) => [key, value]));
}
