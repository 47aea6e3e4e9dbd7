import type { TrustedAssertions } from './assertions.js';

/** An application of one tenant with one of its secrets. */
export interface AppRegistration {
  tenantId: string;
  clientId: string;
  clientSecret: string;
}

/** What a look at an application's secret shows. */
export type SecretCheck = 'ok' | 'unknownApplication' | 'wrongSecret' | 'expiredSecret';

/** The application registrations of the directory; ids are compared without case. */
export interface Registrations {
  hasTenant(tenantId: string): boolean;
  check(tenantId: string, clientId: string, clientSecret: string): SecretCheck;
  /**
   * Adds the application or gives it a new secret; the tenant is added when it is new. The former secrets
   * stop working unless `keepOld`. `expired` leaves the secret known but out of date.
   */
  put(app: AppRegistration, options?: { keepOld?: boolean; expired?: boolean }): void;
  /** What the application may sign in with beside a secret; undefined: there is no such application. */
  trusted(tenantId: string, clientId: string): TrustedAssertions | undefined;
  /** Lets the application, which is added when it is new, sign in by these as well. */
  trust(tenantId: string, clientId: string, assertions: TrustedAssertions): void;
  /** Back to what there was at the start. */
  reset(): void;
}

interface Secret {
  value: string;
  expired: boolean;
}

export function createRegistrations(
  tenants: readonly string[],
  apps: readonly AppRegistration[],
): Registrations {
  const known = new Set<string>();
  const secrets = new Map<string, Secret[]>();
  const assertions = new Map<string, TrustedAssertions>();
  const keyOf = (tenantId: string, clientId: string) => `${tenantId}/${clientId}`.toLowerCase();

  const put: Registrations['put'] = (app, options = {}) => {
    const key = keyOf(app.tenantId, app.clientId);
    const former = options.keepOld === true ? (secrets.get(key) ?? []) : [];
    const others = former.filter((secret) => secret.value !== app.clientSecret);
    known.add(app.tenantId.toLowerCase());
    secrets.set(key, [...others, { value: app.clientSecret, expired: options.expired ?? false }]);
  };

  const reset = () => {
    known.clear();
    secrets.clear();
    assertions.clear();
    for (const tenant of tenants) {
      known.add(tenant.toLowerCase());
    }
    for (const app of apps) {
      put(app, { keepOld: true });
    }
  };

  reset();
  return {
    hasTenant: (tenantId) => known.has(tenantId.toLowerCase()),
    check: (tenantId, clientId, clientSecret) => {
      const all = secrets.get(keyOf(tenantId, clientId));
      if (all === undefined) {
        return 'unknownApplication';
      }
      const found = all.find((secret) => secret.value === clientSecret);
      if (found === undefined) {
        return 'wrongSecret';
      }
      return found.expired ? 'expiredSecret' : 'ok';
    },
    trusted: (tenantId, clientId) => {
      const key = keyOf(tenantId, clientId);
      return assertions.get(key) ?? (secrets.has(key) ? { certificates: [], identities: [] } : undefined);
    },
    trust: (tenantId, clientId, given) => {
      const key = keyOf(tenantId, clientId);
      known.add(tenantId.toLowerCase());
      secrets.set(key, secrets.get(key) ?? []);
      assertions.set(key, given);
    },
    put,
    reset,
  };
}
