import type { AuditEntry } from '../../domain/audit.js';
import type { Page } from './stores.js';

export interface AuditFilter {
  /** ISO time; entries from then on. */
  readonly since?: string | undefined;
  /** Name of the actor. */
  readonly actor?: string | undefined;
  readonly connectionId?: string | undefined;
}

/** What people did. Entries are added and read; none is changed or removed, not even with its connection. */
export interface AuditStore {
  append(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  list(filter: AuditFilter, limit: number, cursor?: string): Promise<Page<AuditEntry>>;
}
