import { createHash } from 'node:crypto';
import type { AuthScapeEntity, Side } from './model.js';
import type { Outcome } from './run.js';
import type { FieldValue, FieldValues } from './values.js';
import type { Waits } from './waits.js';

/**
 * A link pairs one AuthScape record with one Dataverse row and remembers, field by field, what was last agreed on.
 * The row under the A id is the truth; a second row under the D id is only a claim (see `ports/links.ts`).
 */
export interface Link {
  readonly connectionId: string;
  readonly mappingId: string;
  readonly entity: AuthScapeEntity;
  readonly authScapeId: string;
  readonly table: string;
  readonly crmId: string;
  /** Counts re-made partners: part of the derived row id. */
  readonly generation: number;
  readonly state: 'linked' | 'tombstone';
  readonly tombstone: Tombstone | null;
  /** By field mapping id (or relationship id). No entry: never merged, or merged under another signature. */
  readonly base: Readonly<Record<string, BaseEntry>>;
  /** Both sides were seen equal to the base under `mappingVersion` and nothing waits to be retried. */
  readonly clean: boolean;
  readonly mappingVersion: number;
  /** Hash of the list fields of A when last clean; null when unknown. */
  readonly aHash: string | null;
  /** Hash of all fields of A when last clean and read in full; links of earlier versions have none. */
  readonly fullHash?: string | null;
  /** Row version (etag) of D when last clean; null when unknown. */
  readonly dVersion: string | null;
  /**
   * What is about to be written, stored before the first effect; the worker that finds an old one resolves it. Of a tombstone
   * what may have been written to the record that is gone.
   */
  readonly plan: Plan | null;
  readonly claim: Claim | null;
  /** Field id, side and digest of the value -> how often we wrote it within the hour. */
  readonly repeats: Readonly<Record<string, Repeat>>;
  /** Writes that are due and were not taken; null or absent: the last look at the pair left nothing of the kind. */
  readonly failure?: PairFailure | null | undefined;
  /** Nothing is due but what waits for a related record; null or absent where that is not known. */
  readonly waits?: Waits | null | undefined;
  /** Scan counts and times that a confirmation of "gone" needs. */
  readonly missing: Missing | null;
  /** What the newest run that wrote this pair did to it: a unit that is repeated after a crash counts by it. */
  readonly lastRun: RunStamp | null;
  /** Milliseconds; anything read before this is read again. */
  readonly changedAt: number;
  /** When both sides were last seen at the base in every field; 0: never since it is noted. Milliseconds. */
  readonly agreedAt: number;
  readonly createdAt: string;
  readonly lastSyncedAt: string | null;
}

/** The agreed value as each side has it, in base form (`values.ts`). */
export interface BaseEntry {
  readonly a: FieldValue;
  readonly d: FieldValue;
  /** Column, transform and lookup target under which it was agreed. */
  readonly sig: string;
  /**
   * D (or A) showed another form of what was sent: it yields to a change of the other side, and becomes the base when
   * the same sent value comes back as the same form again.
   */
  readonly form?: { readonly side: Side; readonly sent: FieldValue; readonly shown: FieldValue } | undefined;
}

/** Nothing is planned for the pair, and no record of it is missing. */
export function isSettled({ plan, missing }: Pick<Link, 'plan' | 'missing'>): boolean {
  return plan === null && missing === null;
}

/** Does one base differ from another? */
export function baseMoved(
  before: Readonly<Record<string, BaseEntry>>,
  after: Readonly<Record<string, BaseEntry>>,
): boolean {
  const ids = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const id of ids) {
    const old = before[id];
    const next = after[id];
    if (old?.a !== next?.a || old?.d !== next?.d || old?.sig !== next?.sig) return true;
  }
  return false;
}

export interface PlannedField {
  readonly fieldId: string;
  readonly side: Side;
  /** Value of the other side from which it was planned, base form. */
  readonly from: FieldValue;
  /** Value to be written, base form. */
  readonly to: FieldValue;
  /** What stood there, base form. */
  readonly old: FieldValue;
  /** The same in full where `old` is a digest: what is replaced is in the log. Earlier versions did not keep it. */
  readonly oldText?: FieldValue | undefined;
  readonly rule: string;
  /** Of what is written, on its side: the mapping may have lost the field since. Earlier versions did not keep it. */
  readonly name?: string | undefined;
  /** Column, transform and lookup target of the write; earlier versions did not keep it. */
  readonly sig?: string | undefined;
}

/** Stands in a plan for the act of the delete policy on the survivor. */
export const REMOVAL_FIELD = '!state';

export interface Plan {
  readonly runId: string | null;
  readonly madeAt: string;
  /** `createDynamics` precedes an insert. */
  readonly kind: 'update' | 'createDynamics';
  readonly fields: readonly PlannedField[];
}

/** The row was claimed and planned, and was not seen inserted: where it is missing, it most likely never was. */
export function isInsertPending(link: Pick<Link, 'plan'>): boolean {
  return link.plan?.kind === 'createDynamics';
}

export interface Claim {
  readonly owner: string;
  /** Milliseconds. */
  readonly until: number;
}

/**
 * A record of A that is about to be made for a D row, which A has no safe insert for. Kept under the D id from before the
 * call until the pair is linked, so that the next worker after a death or a lost answer knows what was sent.
 */
export interface PendingCreation {
  readonly owner: string;
  readonly madeAt: number;
  /** Milliseconds; from then on the maker is taken for dead. */
  readonly until: number;
  /** By what the record is found in A. */
  readonly criteria: FieldValues;
  /** What is agreed if the record was made: the values sent, and those of the row that they came from. */
  readonly base: Readonly<Record<string, BaseEntry>>;
}

export interface Repeat {
  readonly value: FieldValue;
  readonly count: number;
  readonly since: number;
  readonly resting?: boolean | undefined;
}

export interface PairFailure {
  /** How often in a row it was in vain. */
  readonly attempts: number;
  /** Milliseconds; incremental runs and events leave the pair alone before, unless it is edited. */
  readonly notBefore: number;
  readonly reason: string;
  /** The run and its unit of work that met it: a later phase of the run does not try again what was refused. */
  readonly runId: string | null;
  readonly unit: number;
  /** Digest of both records as the last attempt left them: an edit on either side makes another one. */
  readonly seen: string;
  /** What was refused by itself, by field, side and digest of the value: the next attempt need not search for it. */
  readonly refused: readonly string[];
}

export interface RunStamp {
  readonly runId: string;
  /** The unit of work: only a repeat of the same unit counts by the mark. */
  readonly unit: number;
  readonly outcome: Outcome;
  /** `<side>:<action>` of each write. */
  readonly writes: readonly string[];
}

export interface Missing {
  readonly scans: number;
  readonly lastScanId: string;
}

export interface Tombstone {
  /** `parted`: unlinked by a person, or since another record has the AuthScape id by now. */
  readonly reason: 'goneInDynamics' | 'goneInAuthScape' | 'merged' | 'parted' | 'rejected';
  /** What the delete policy did to the survivor. */
  readonly act: 'deactivated' | 'deleted' | 'none';
  readonly at: string;
  readonly runId: string | null;
  /** Row that a contact was merged into. */
  readonly masterId?: string | undefined;
  /** The survivor was inactive before: who activates it is a person. */
  readonly inactive?: true | undefined;
  /** Of a rejected delete: the side whose record is gone. */
  readonly gone?: Side | undefined;
}

/** The side whose record is gone, and whose return ends the tombstone; null where no return does. */
export function goneSide({ reason, gone }: Pick<Tombstone, 'reason' | 'gone'>): Side | null {
  if (reason === 'goneInDynamics') return 'dynamics';
  if (reason === 'goneInAuthScape') return 'authScape';
  return reason === 'rejected' ? (gone ?? null) : null;
}

/** Parted: neither of the two is matched as long as the tombstone stands. */
export function isUnlinked(tombstone: Pick<Tombstone, 'reason' | 'gone'>): boolean {
  return tombstone.reason === 'parted' || (tombstone.reason === 'rejected' && goneSide(tombstone) === null);
}

/**
 * The link without the values of its record, and without digests that a guess could be held against. What is agreed on is
 * forgotten with them: the next sync merges the pair as at first. Acts on the record itself are still known.
 */
export function withoutValues(link: Link): Link {
  const { plan } = link;
  const fields = plan?.fields.filter(({ fieldId }) => fieldId === REMOVAL_FIELD) ?? [];
  return {
    ...link,
    base: {},
    clean: false,
    aHash: null,
    ...(link.fullHash ? { fullHash: null } : {}),
    dVersion: null,
    plan: plan !== null && (fields.length > 0 || isInsertPending(link)) ? { ...plan, fields } : null,
    claim: null,
    repeats: {},
    ...(link.failure ? { failure: null } : {}),
    ...(link.waits ? { waits: null } : {}),
    agreedAt: 0,
  };
}

/** The public id of a link: opaque, derived from what identifies it, so that it needs no index of its own. */
export function linkId(mappingId: string, authScapeId: string): string {
  return `l_${Buffer.from(`${mappingId}|${authScapeId}`, 'utf8').toString('base64url')}`;
}

/** Reads a public link id; undefined for anything that is not one. */
export function parseLinkId(id: string): { mappingId: string; authScapeId: string } | undefined {
  if (!id.startsWith('l_')) return undefined;
  const [mappingId, authScapeId, ...rest] = Buffer.from(id.slice(2), 'base64url').toString('utf8').split('|');
  if (!mappingId || !authScapeId || rest.length > 0) return undefined;
  return linkId(mappingId, authScapeId) === id ? { mappingId, authScapeId } : undefined;
}

const NAMESPACE = 'b8b0f0c2-6d0e-5c1b-9a52-9e6d9f6a7c01';

/** UUID v5 (RFC 9562) of a name in this product's namespace. */
export function uuid5(name: string): string {
  const namespace = Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex');
  const hash = createHash('sha1').update(namespace).update(name, 'utf8').digest();
  const bytes = Uint8Array.from(hash.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * The id of the row that is created for an A record. The same record of the same AuthScape gets the same id in the
 * same organization, also after the connection was made anew, so that an insert can never make a second row.
 */
export function derivedRowId(key: {
  organizationId: string;
  authScapeAddress: string;
  table: string;
  entity: AuthScapeEntity;
  authScapeId: string;
  generation: number;
}): string {
  return uuid5(
    [
      key.organizationId.toLowerCase(),
      key.authScapeAddress,
      key.table,
      key.entity,
      key.authScapeId,
      key.generation,
    ].join('|'),
  );
}
