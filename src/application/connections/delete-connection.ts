import { secretName } from '../../domain/secret-names.js';
import type { JobQueue } from '../ports/job-queue.js';
import type { Clock } from '../ports/runtime.js';
import type { SecretStore } from '../ports/secret-store.js';
import type { ConnectionEraser } from '../ports/stores.js';
import { type Precondition, rewrite } from '../shared/precondition.js';
import { type EnvironmentDeps, refuseDuringRun, releaseTable } from './change-environment.js';
import { requireConnection } from './manage-connections.js';

export interface DeleteConnectionDeps extends Pick<EnvironmentDeps, 'connections' | 'mappings' | 'runs'> {
  readonly secrets: SecretStore;
  readonly eraser: ConnectionEraser;
  readonly queue: JobQueue;
  readonly clock: Clock;
  /** Takes the connection's webhook out of Dynamics where it can be reached; does not throw when it cannot. */
  readonly unregisterWebhook: (connectionId: string) => Promise<void>;
}

/** How long a caller waits for the clearing; the rest goes on in the background. */
const ERASE_MS = 60_000;

/**
 * Deletes a connection with all that it has left. The row goes last, so that a failure on the way can be repeated; it
 * is switched off first, so that nothing new is started meanwhile. Throws `connection_not_found`, `precondition_failed`,
 * `run_in_progress`, and what the stores throw.
 */
export const deleteConnection =
  (deps: DeleteConnectionDeps) =>
  async (id: string, precondition?: Precondition): Promise<void> => {
    await requireConnection(deps, id);
    await refuseDuringRun(deps, id);
    const { value: connection } = await rewrite({
      read: () => requireConnection(deps, id),
      change: (present) => ({ ...present, enabled: false }),
      write: (present, etag) => deps.connections.replace(present, etag),
      precondition,
    });
    await deps.unregisterWebhook(id);
    await deps.secrets.remove(secretName(id, 'client-secret'));
    await deps.secrets.remove(secretName(id, 'webhook-secret'));
    await deps.secrets.remove(secretName(id, 'alert-target'));
    for (const { value, etag } of await deps.mappings.list(id)) {
      await releaseTable(deps, connection.environment, value.crmEntity, id);
      await deps.mappings.remove(value, etag);
    }
    const finished = await deps.eraser.erase(id, deps.clock.now() + ERASE_MS);
    if (!finished) await deps.queue.enqueue({ v: 1, kind: 'erase', connectionId: id });
    const last = await deps.connections.get(id);
    if (last) await deps.connections.remove(last.value, last.etag);
  };
