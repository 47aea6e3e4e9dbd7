import type { Alert, AlertFormat, Condition, OpenCondition } from '../../domain/alerts.js';
import type { SecretRef } from '../../domain/model.js';
import type { Page, Stored } from './stores.js';

/** Where alerts of a connection go, what was told and what still has to be; one row per connection. */
export interface AlertWatch {
  readonly connectionId: string;
  /** In the vault: the address, which may hold a key itself, and the secret that alerts are signed with. */
  readonly target: SecretRef;
  /** Scheme and host of the address, to show. */
  readonly origin: string;
  readonly format: AlertFormat;
  readonly isSigned: boolean;
  /** "Nothing synced" is told after so many intervals. */
  readonly afterIntervals: number;
  /** ISO time of the newest run that was looked at; at first, when alerts were set. */
  readonly lookedUntil: string;
  readonly open: Readonly<Partial<Record<Condition, OpenCondition>>>;
  /** Oldest first; each is sent until it is taken. */
  readonly pending: readonly Alert[];
  /** How often the first of them was refused. */
  readonly attempts: number;
  readonly failingSince: string | null;
  /** Milliseconds; nothing is sent before. */
  readonly nextAt: number;
  readonly disabledAt: string | null;
}

export interface AlertStore {
  get(connectionId: string): Promise<Stored<AlertWatch> | undefined>;
  /** Those of all connections that have alerts set. */
  list(limit: number, cursor?: string): Promise<Page<Stored<AlertWatch>>>;
  /** Replaces what is there. */
  put(watch: AlertWatch): Promise<void>;
  /** Throws `ConflictError` when the row was changed or removed meanwhile. */
  replace(watch: AlertWatch, etag: string): Promise<Stored<AlertWatch>>;
  remove(connectionId: string): Promise<void>;
}

/** Address and secret of alerts, as they lie in the vault. */
export interface AlertTarget {
  readonly url: string;
  /** Null: alerts are not signed. */
  readonly secret: string | null;
}

/** Posts a body, signed at that time (milliseconds). Resolves when it was taken (2xx), throws `BridgeError` otherwise. */
export type PostAlert = (target: AlertTarget, alertId: string, body: string, at: number) => Promise<void>;
