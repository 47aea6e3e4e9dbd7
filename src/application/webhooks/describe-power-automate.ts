import { BridgeError } from '../../domain/errors.js';
import type { Connection } from '../../domain/model.js';
import { type FlowTable, flowOf } from '../../domain/power-automate.js';
import { receiverPath } from '../../domain/webhook.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { Logger } from '../ports/runtime.js';
import type { ConnectionStore, MappingStore } from '../ports/stores.js';
import type { Systems } from '../ports/systems.js';
import type { WebhookStore } from '../ports/webhooks.js';
import { watchedOf } from './reconcile-webhook.js';

export interface PowerAutomateDeps {
  readonly connections: ConnectionStore;
  readonly mappings: MappingStore;
  readonly webhooks: WebhookStore;
  readonly systems: Systems;
  readonly logger: Logger;
}

export interface PowerAutomateGuide {
  readonly uri: string;
  readonly flows: readonly ReturnType<typeof flowOf>[];
}

const UNKNOWN_ORIGIN = 'https://<your function app>.azurewebsites.net';

/** The flows that do what a registered webhook does, one for each mapped table. Throws `connection_not_found`. */
export const describePowerAutomate =
  (deps: PowerAutomateDeps) =>
  async (connectionId: string): Promise<PowerAutomateGuide> => {
    const { value: connection } = await requireConnection(deps, connectionId);
    const origin = (await deps.webhooks.get(connectionId))?.baseUrl ?? UNKNOWN_ORIGIN;
    const uri = origin + receiverPath(connectionId);
    const watched = await watchedOf(deps, connectionId);
    const flows = await Promise.all(
      [...watched].map(async ([table, columns]) =>
        flowOf({ table, columns, primaryId: await primaryId(deps, connection, table) }, uri),
      ),
    );
    return { uri, flows };
  };

/** Nearly always the table's name with `id`; Dynamics knows for sure, when it can be asked. */
async function primaryId(
  deps: PowerAutomateDeps,
  connection: Connection,
  table: FlowTable['table'],
): Promise<string> {
  try {
    const found = await (await deps.systems.dynamics(connection)).table(table);
    if (found !== undefined) return found.primaryId;
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    deps.logger.warn('The id column of a table could not be looked up', { table, code: error.code });
  }
  return `${table}id`;
}
