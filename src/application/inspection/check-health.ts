import type { Clock, Logger } from '../ports/runtime.js';
import type { SecretStore } from '../ports/secret-store.js';
import type { StorageProbe } from '../ports/stores.js';
import { within } from '../shared/time-limit.js';

export interface Health {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly durationMs: number }[];
}

export interface HealthDeps {
  readonly storage: StorageProbe;
  readonly secrets: Pick<SecretStore, 'ping'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A dependency that takes longer than this counts as down. */
const PATIENCE_MS = 10_000;
/** The route needs no key: its calls must not use up the request limit of the vault. */
const VAULT_PAUSE_MS = 10_000;

/** Looks at what this app cannot work without. Dynamics is not asked: its outages are no reason to restart the app. */
export const checkHealth = (deps: HealthDeps) => {
  const pingVault = atMostEvery(deps.clock, VAULT_PAUSE_MS, () => deps.secrets.ping());
  return async (): Promise<Health> => {
    const checks = await Promise.all([
      check(deps, 'storage', () => deps.storage.ping()),
      check(deps, 'keyVault', pingVault),
    ]);
    return { ok: checks.every((one) => one.ok), checks };
  };
};

/** Shares one result, also a failure, among all who ask within the time. */
function atMostEvery(clock: Clock, ms: number, work: () => Promise<void>): () => Promise<void> {
  let last: { readonly at: number; readonly result: Promise<void> } | undefined;
  return () => {
    if (last === undefined || clock.now() - last.at >= ms) last = { at: clock.now(), result: work() };
    return last.result;
  };
}

async function check(deps: HealthDeps, name: string, ping: () => Promise<void>) {
  const started = deps.clock.now();
  const work = ping().then(
    () => true,
    (error: unknown) => {
      deps.logger.warn('A health check failed', { name, error });
      return false;
    },
  );
  const ok = await within(deps.clock, PATIENCE_MS, work, () => false);
  return { name, ok, durationMs: deps.clock.now() - started };
}
