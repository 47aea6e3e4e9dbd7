import { SETTINGS, type WantedConnection } from '../../domain/configuration.js';
import { canonical } from '../../domain/configuration-changes.js';
import { BridgeError } from '../../domain/errors.js';
import type { EntityMapping } from '../../domain/model.js';
import { refuseDuringRun, releaseTable, reserveTable } from '../connections/change-environment.js';
import { createConnection, patchConnection } from '../connections/manage-connections.js';
import type { Stored } from '../ports/stores.js';
import { type Precondition, requireVersion } from '../shared/precondition.js';
import {
  type ConfigurationDeps,
  type ConfigurationPlan,
  type ConnectionStep,
  type PlanOptions,
  planConfiguration,
} from './plan-configuration.js';

export interface ApplyDeps extends ConfigurationDeps {
  readonly removeConnection: (id: string, precondition: Precondition) => Promise<void>;
  readonly removeMapping: (connectionId: string, mappingId: string) => Promise<void>;
  /** Lets the connection's webhook in Dynamics follow a change. */
  readonly withWebhook: (
    change: (connectionId: string) => Promise<void>,
  ) => (connectionId: string) => Promise<void>;
}

/** Writes down the change of one connection, undefined: a new one; `run` answers its id. */
export type Audited = (connectionId: string | undefined, run: () => Promise<string>) => Promise<string>;

/**
 * Makes the configuration what the document says, one connection after the other. What is written of a connection is written
 * whole or not at all; what is taken away goes last, and a removal that was interrupted goes on when the request is
 * repeated. Throws `precondition_failed` when the plan is not the expected one any more, `configuration_invalid` with
 * every fault, `run_in_progress`, and what planning throws.
 */
export const applyConfiguration =
  (deps: ApplyDeps) =>
  async (
    document: readonly WantedConnection[],
    options: PlanOptions,
    precondition: Precondition,
    audited: Audited,
  ): Promise<ConfigurationPlan> => {
    const plan = await planConfiguration(deps)(document, options);
    requireVersion(precondition, plan.version);
    if (plan.problems.length > 0) {
      throw new BridgeError('configuration_invalid', 'The configuration cannot be carried out.', {
        hint: 'Nothing was changed. Mend the faults, or see the plan.',
        errors: plan.problems,
      });
    }
    for (const { stored, removed, wanted } of plan.steps) {
      const moves = wanted !== undefined && wanted.environment !== stored?.connection.environment;
      if (stored && (moves || wanted === undefined || removed.length > 0)) {
        await refuseDuringRun(deps, stored.connection.id);
      }
    }
    for (const step of plan.steps) {
      await audited(step.stored?.connection.id, () => carryOut(deps, step));
    }
    return plan;
  };

async function carryOut(deps: ApplyDeps, step: ConnectionStep): Promise<string> {
  const { removed, stored, wanted } = step;
  if (stored === undefined) return make(deps, step);
  const { connection, etag } = stored;
  if (wanted === undefined) {
    await deps.removeConnection(connection.id, (present) => present === etag);
    return connection.id;
  }
  const change = deps.withWebhook(async () => {
    await write(deps, step, connection.id, wanted.environment, async () => {
      const differs = SETTINGS.some((name) => canonical(connection[name]) !== canonical(wanted[name]));
      if (!differs && connection.name === wanted.name) return;
      const { mappings: _mappings, provider: _provider, ...settings } = wanted;
      await patchConnection(deps)(connection.id, settings, (present) => present === etag);
    });
    for (const { value } of removed) await deps.removeMapping(connection.id, value.id);
  });
  await change(connection.id);
  return connection.id;
}

async function make(deps: ApplyDeps, step: ConnectionStep): Promise<string> {
  if (step.wanted === undefined) throw new Error('A step has nothing to do.');
  const { mappings: _mappings, provider: _provider, ...settings } = step.wanted;
  const { connection, etag } = await createConnection(deps)(settings);
  try {
    await write(deps, step, connection.id, connection.environment, async () => {});
  } catch (error) {
    await deps.connections.remove(connection, etag);
    throw error;
  }
  return connection.id;
}

/** Writes the mappings in one transaction and then does the rest; what was written is taken back when that fails. */
async function write(
  deps: ApplyDeps,
  { stored, written }: ConnectionStep,
  connectionId: string,
  environment: string,
  rest: () => Promise<void>,
): Promise<void> {
  const held = new Set(stored?.mappings.map(({ value }) => value.crmEntity));
  const reserved: string[] = [];
  let done: readonly Stored<EntityMapping>[] = [];
  try {
    for (const { mapping } of written) {
      await reserveTable(deps, environment, mapping.crmEntity, connectionId);
      if (!held.has(mapping.crmEntity)) reserved.push(mapping.crmEntity);
    }
    if (written.length > 0) {
      done = await deps.mappings.change(
        written.map(({ mapping, etag }) => ({ mapping: { ...mapping, connectionId }, etag })),
      );
    }
    await rest();
  } catch (error) {
    if (done.length > 0) await deps.mappings.change(done.map((one) => undone(stored?.mappings ?? [], one)));
    for (const table of reserved) await releaseTable(deps, environment, table, connectionId);
    throw error;
  }
}

function undone(before: readonly Stored<EntityMapping>[], { value, etag }: Stored<EntityMapping>) {
  const former = before.find((one) => one.value.id === value.id);
  if (former === undefined) return { mapping: value, remove: true as const };
  // A version is never used for two contents: links remember by it what they agreed on.
  return { mapping: { ...former.value, version: value.version + 1 }, etag };
}
