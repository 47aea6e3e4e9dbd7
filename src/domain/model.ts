/** Nouns of the product. Ids are strings everywhere; times are ISO 8601 UTC. */

import type { WriterCheck } from './second-writer.js';

export type AuthScapeEntity = 'User' | 'Company' | 'Location';
export const AUTHSCAPE_ENTITIES = [
  'Company',
  'Location',
  'User',
] as const satisfies readonly AuthScapeEntity[];

export type Direction = 'Bidirectional' | 'Inbound' | 'Outbound';
/** A direction after capping; `none` is left when an inbound and an outbound limit meet: the field rests. */
export type EffectiveDirection = Direction | 'none';

export type ConflictPolicy = 'lastWriteWins' | 'dynamicsWins' | 'authScapeWins';
export type DeletePolicy = 'deactivate' | 'delete' | 'unlink' | 'ignore';
export type Side = 'authScape' | 'dynamics';

export function otherSide(side: Side): Side {
  return side === 'dynamics' ? 'authScape' : 'dynamics';
}
/** Which values the log keeps: all; not those that a new record was made with; none. */
export const LOG_VALUES = ['all', 'changedOnly', 'none'] as const;
export type LogValues = (typeof LOG_VALUES)[number];

export interface MassDeleteGuard {
  readonly count: number;
  readonly percent: number;
}

/** Name and version of a secret in the vault; the value never leaves the vault and the memory of the process. */
export interface SecretRef {
  readonly name: string;
  readonly version: string;
}

/** What a connection proves itself with in Microsoft Entra ID. */
export type CredentialKind =
  | { readonly kind: 'clientSecret' }
  /** The Key Vault secret of that name holds the certificate with its key and chain, in PEM. */
  | { readonly kind: 'certificate'; readonly name: string }
  /** The app's own identity, which a federated credential of the app registration names. */
  | { readonly kind: 'managedIdentity' };

export interface Connection {
  readonly id: string;
  readonly name: string;
  readonly provider: 'Dynamics365';
  /** Bare domain of the environment. */
  readonly environment: string;
  /** null: the app settings' value is used. */
  readonly tenantId: string | null;
  readonly clientId: string | null;
  readonly clientSecret: SecretRef | null;
  /** Absent: a client secret. */
  readonly credential?: CredentialKind | undefined;
  /** ISO time at which what this connection signs in with expires; absent or null: not known. */
  readonly credentialExpiresAt?: string | null | undefined;
  readonly webhookSecret: SecretRef | null;
  /** Taken beside the present one until that ISO time, after a rotation. */
  readonly previousWebhookSecret: { readonly ref: SecretRef; readonly until: string } | null;
  readonly direction: Direction;
  readonly enabled: boolean;
  readonly syncIntervalMinutes: number;
  /** NCRONTAB with six fields, UTC; null: no scheduled full runs. */
  readonly fullSyncSchedule: string | null;
  readonly conflictPolicy: ConflictPolicy;
  readonly deletePolicy: DeletePolicy;
  readonly massDeleteGuard: MassDeleteGuard | null;
  readonly logValues: LogValues;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/**
 * What runs learn about a connection. Kept apart from the connection row so that bookkeeping never invalidates the
 * ETag that an administrator holds.
 */
export interface ConnectionState {
  /** Organization and AuthScape that the links belong to; null before the first run. */
  readonly organizationId: string | null;
  readonly authScapeAddress: string | null;
  readonly lastSyncAt: string | null;
  readonly lastSyncError: { readonly code: string; readonly message: string } | null;
  readonly lastSuccessAt: string | null;
  /** Set once a manual full run (not a dry one) has ended well: only then may the timer and webhooks act. */
  readonly firstFullSyncAt: string | null;
  /** When the newest run of each mode started; what the schedule counts from. */
  readonly lastIncrementalStartedAt: string | null;
  readonly lastFullStartedAt: string | null;
  /** Webhook events that arrived before the first full run and were dropped. */
  readonly droppedEvents: number;
  /** Webhook events about tables that no enabled mapping has. */
  readonly ignoredEvents: number;
  /** Events that changed nothing, most of them about what a sync itself had written. */
  readonly echoes: number;
  /** When Dynamics' newest accepted event came, to about a minute; null before the first one. */
  readonly lastEventAt: string | null;
  /** Set when a run found that the registered webhook tells nothing: since when, and when that was seen. */
  readonly webhookSilence: { readonly since: string; readonly noticedAt: string } | null;
  /** ISO time at which alerts were switched off, since none arrived for days; absent or null: they are not. */
  readonly alertsDisabledAt?: string | null | undefined;
  /** Whether another program writes at our writes to AuthScape, by mapping id; states of earlier versions have none. */
  readonly writerChecks?: Readonly<Record<string, WriterCheck>> | undefined;
  /** Scheme and host that alerts are posted to; absent or null: no alerts are set. */
  readonly alertsTo?: string | null | undefined;
  /** Times (milliseconds) at which events removed or cleared something within the last hour, by guard category. */
  readonly guardedEvents: Readonly<Record<string, readonly number[]>>;
}

export interface FieldMapping {
  readonly id: string;
  readonly authScapeField: string;
  readonly crmField: string;
  readonly direction: Direction;
  readonly enabled: boolean;
  readonly required: boolean;
  readonly syncNullValues: boolean;
  readonly transform: Transform | null;
}

export interface RelationshipMapping {
  readonly id: string;
  readonly authScapeField: 'companyId' | 'locationId';
  readonly relatedEntity: 'Company' | 'Location';
  readonly crmLookupField: string;
  readonly crmRelatedEntity: string;
  readonly direction: Direction;
  readonly enabled: boolean;
  readonly syncNullValues: boolean;
  readonly autoCreateRelated: boolean;
}

/** One aggregate: the entity mapping with its fields and relationships, stored and versioned as a whole. */
export interface EntityMapping {
  readonly id: string;
  readonly connectionId: string;
  readonly authScapeEntity: AuthScapeEntity;
  readonly crmEntity: string;
  readonly direction: Direction;
  readonly enabled: boolean;
  readonly filter: string | null;
  /** AuthScape field names whose values together identify a record. */
  readonly matchBy: readonly string[];
  readonly fields: readonly FieldMapping[];
  readonly relationships: readonly RelationshipMapping[];
  /** Rises with every change that affects what a sync would do; part of the hashes kept in links. */
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** How a value changes its form between the sides; see `transform.ts` for what each does on the way back. */
export type Transform =
  | { readonly type: 'stateCode'; readonly inverted?: boolean | undefined }
  | { readonly type: 'boolean'; readonly inverted?: boolean | undefined }
  | {
      readonly type: 'optionSet';
      readonly by?: 'value' | 'label' | undefined;
      readonly language?: number | undefined;
    }
  | { readonly type: 'date'; readonly timeZone?: string | undefined }
  | { readonly type: 'number'; readonly decimals?: number | undefined }
  | { readonly type: 'uppercase' | 'lowercase' | 'titleCase' | 'trim' }
  | {
      readonly type: 'concatenate';
      readonly fields: readonly string[];
      readonly separator?: string | undefined;
    }
  | { readonly type: 'split'; readonly separator: string; readonly index: number }
  | { readonly type: 'default'; readonly value: string | number | boolean }
  | {
      readonly type: 'valueMap';
      readonly map: Readonly<Record<string, string | number | boolean>>;
    };

const CAPS: Record<Direction, Record<Direction, EffectiveDirection>> = {
  Bidirectional: { Bidirectional: 'Bidirectional', Inbound: 'Inbound', Outbound: 'Outbound' },
  Inbound: { Bidirectional: 'Inbound', Inbound: 'Inbound', Outbound: 'none' },
  Outbound: { Bidirectional: 'Outbound', Inbound: 'none', Outbound: 'Outbound' },
};

/** The narrowest of several directions. */
export function narrowest(...directions: readonly Direction[]): EffectiveDirection {
  let result: EffectiveDirection = 'Bidirectional';
  for (const direction of directions) {
    if (result === 'none') return 'none';
    result = CAPS[result][direction];
  }
  return result;
}

/** May values flow from the named side to the other under this direction? */
export function flowsFrom(side: Side, direction: EffectiveDirection): boolean {
  if (direction === 'Bidirectional') return true;
  return side === 'authScape' ? direction === 'Outbound' : direction === 'Inbound';
}

/** Companies come first, then locations, then users: what a lookup points to exists before the row that points. */
export function dependencyOrder(a: EntityMapping, b: EntityMapping): number {
  const rank = (mapping: EntityMapping) => AUTHSCAPE_ENTITIES.indexOf(mapping.authScapeEntity);
  return (
    rank(a) - rank(b) ||
    (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.id < b.id ? -1 : 1)
  );
}
