import type { WebhookRegistry } from '../../src/application/ports/webhooks.js';
import { BridgeError } from '../../src/domain/errors.js';
import type { RegisteredStep, WantedStep } from '../../src/domain/webhook.js';

interface Endpoint {
  id: string;
  name: string;
  url: string;
  secret: string;
}

export interface MemoryRegistry extends WebhookRegistry {
  readonly endpointRows: Map<string, Endpoint>;
  readonly stepRows: Map<string, RegisteredStep & { endpointId: string }>;
  /** While true, every call fails as Dynamics does when it cannot be reached. */
  isDown: boolean;
  /** Tables of which Dynamics tells nothing. */
  readonly silentTables: Set<string>;
}

/** The tables in which Dynamics keeps webhooks, in memory; people may edit the rows. */
export function createMemoryRegistry(): MemoryRegistry {
  const endpointRows = new Map<string, Endpoint>();
  const stepRows = new Map<string, RegisteredStep & { endpointId: string }>();
  let ids = 0;
  const nextId = () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;
  const reach = async (): Promise<void> => {
    if (registry.isDown) throw new BridgeError('dynamics_unavailable', 'Dynamics is not available (503).');
  };
  const stepOf = (id: string, endpointId: string, { columns, message, name, table }: WantedStep) => {
    stepRows.set(id, { id, endpointId, name, table, message, columns, enabled: true, isBackground: true });
  };
  const registry: MemoryRegistry = {
    endpointRows,
    stepRows,
    isDown: false,
    silentTables: new Set(),
    findEndpoints: async (name) => {
      await reach();
      return [...endpointRows.values()]
        .filter((row) => row.name === name)
        .map(({ id, url }) => ({ id, url, usesHeader: true, hasSecret: true }));
    },
    createEndpoint: async (name, url, secret) => {
      await reach();
      const id = nextId();
      endpointRows.set(id, { id, name, url, secret });
      return id;
    },
    updateEndpoint: async (id, url, secret) => {
      await reach();
      const row = endpointRows.get(id);
      if (row !== undefined) endpointRows.set(id, { ...row, url, secret });
    },
    removeEndpoint: async (id) => {
      await reach();
      const isUsed = [...stepRows.values()].some((step) => step.endpointId === id);
      if (isUsed) throw new BridgeError('dynamics_error', 'The endpoint is used by steps.');
      endpointRows.delete(id);
    },
    steps: async (endpointId) => {
      await reach();
      return [...stepRows.values()].filter((step) => step.endpointId === endpointId);
    },
    withoutEvent: async (steps) => {
      await reach();
      return steps.filter(({ table }) => registry.silentTables.has(table));
    },
    createStep: async (endpointId, step) => {
      await reach();
      stepOf(nextId(), endpointId, step);
    },
    repairStep: async (id, step) => {
      await reach();
      stepOf(id, stepRows.get(id)?.endpointId ?? '', step);
    },
    removeStep: async (id) => {
      await reach();
      stepRows.delete(id);
    },
  };
  return registry;
}
