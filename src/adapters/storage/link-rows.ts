/** Keys and columns of links and of claims on D rows; see `link-table.ts` for the layout. */
import type { LinkBrief, PendingCreationRow, RowOwner } from '../../application/ports/links.js';
import type { Stored } from '../../application/ports/stores.js';
import { isSettled, type Link, type PendingCreation } from '../../domain/link.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import {
  checkVersion,
  fittingColumns,
  fromJsonColumns,
  jsonColumns,
  shortText,
  textColumn,
} from './json-columns.js';
import { crmKey, decodeKey, encodeKey, joinKey, keyPart } from './keys.js';
import type { Row, RowKeys, StoredRow } from './table.js';

/** The part of a link that is read with the whole of it only. */
type LinkDetail = Pick<
  Link,
  | 'tombstone'
  | 'base'
  | 'plan'
  | 'claim'
  | 'repeats'
  | 'failure'
  | 'waits'
  | 'missing'
  | 'lastRun'
  | 'changedAt'
  | 'agreedAt'
  | 'createdAt'
  | 'lastSyncedAt'
  | 'generation'
  | 'mappingVersion'
>;

export function linkPartition(connectionId: string, mappingId: string): string {
  return joinKey(connectionId, mappingId);
}

export function linkKeys(connectionId: string, mappingId: string, authScapeId: string): RowKeys {
  return { partitionKey: linkPartition(connectionId, mappingId), rowKey: encodeKey(authScapeId) };
}

export function claimPartition(connectionId: string, table: string): string {
  return joinKey(connectionId, table);
}

export function claimKeys(connectionId: string, table: string, crmId: string): RowKeys {
  return { partitionKey: claimPartition(connectionId, table), rowKey: crmKey(crmId) };
}

export function linkToRow(link: Link): Row {
  const { tombstone, base, plan, claim, repeats, missing, lastRun, changedAt, createdAt, lastSyncedAt } =
    link;
  const { agreedAt, failure, generation, mappingVersion, waits } = link;
  const detail: LinkDetail = {
    tombstone,
    base,
    plan,
    claim,
    repeats,
    ...(failure === undefined || failure === null ? {} : { failure }),
    ...(waits === undefined || waits === null ? {} : { waits }),
    missing,
    lastRun,
    changedAt,
    agreedAt,
    createdAt,
    lastSyncedAt,
    generation,
    mappingVersion,
  };
  return {
    ...linkKeys(link.connectionId, link.mappingId, link.authScapeId),
    v: 1,
    state: link.state,
    clean: link.clean,
    entity: link.entity,
    crmTable: link.table,
    crmId: link.crmId,
    aHash: link.aHash ?? undefined,
    fullHash: link.fullHash ?? undefined,
    dVersion: link.dVersion ?? undefined,
    brief: JSON.stringify(briefCell(link)),
    ...fittingColumns('detail', detail, (limit) => shortDetail(detail, limit)),
  };
}

/** Columns that an index of links reads; `detail` is most of a row. */
export const BRIEF_COLUMNS = ['state', 'clean', 'crmId', 'aHash', 'fullHash', 'dVersion', 'brief'] as const;

/** The parts of `detail` that an index needs as well. */
type BriefCell = Pick<LinkBrief, 'changedAt' | 'mappingVersion' | 'settled' | 'tombstone'>;

function briefCell(link: Link): BriefCell {
  const { changedAt, mappingVersion, tombstone } = link;
  return { changedAt, mappingVersion, settled: isSettled(link), tombstone };
}

/** Does the row say what an index needs without its detail? Those of earlier versions do not. */
export function hasBrief(row: StoredRow): boolean {
  checkVersion(row);
  return typeof row.brief === 'string';
}

export function briefFromRow(row: StoredRow): LinkBrief {
  if (!hasBrief(row)) return briefOf(linkFromRow(row).value);
  return {
    ...(JSON.parse(textColumn(row, 'brief')) as BriefCell),
    ...columnsOf(row),
    authScapeId: decodeKey(row.rowKey),
  };
}

function briefOf(link: Link): LinkBrief {
  return { ...link, ...briefCell(link) };
}

function columnsOf(row: StoredRow) {
  return {
    crmId: textColumn(row, 'crmId'),
    state: textColumn(row, 'state') as Link['state'],
    clean: row.clean === true,
    aHash: optionalText(row, 'aHash'),
    ...(row.fullHash === undefined ? {} : { fullHash: optionalText(row, 'fullHash') }),
    dVersion: optionalText(row, 'dVersion'),
  };
}

/** The values that a plan replaces are there for the log alone. */
function shortDetail(detail: LinkDetail, limit: number): LinkDetail {
  const { plan } = detail;
  if (plan === null) return detail;
  const fields = plan.fields.map((field) =>
    field.oldText === undefined ? field : { ...field, oldText: shortText(field.oldText, limit) },
  );
  return { ...detail, plan: { ...plan, fields } };
}

export function linkFromRow(row: StoredRow): Stored<Link> {
  checkVersion(row);
  const detail = fromJsonColumns<Omit<LinkDetail, 'agreedAt'> & Partial<LinkDetail>>(row, 'detail');
  const value: Link = {
    ...detail,
    // Rows of earlier versions say it by being clean.
    agreedAt: detail.agreedAt ?? (row.clean === true ? detail.changedAt : 0),
    connectionId: keyPart(row.partitionKey, 0),
    mappingId: keyPart(row.partitionKey, 1),
    authScapeId: decodeKey(row.rowKey),
    entity: textColumn(row, 'entity') as AuthScapeEntity,
    table: textColumn(row, 'crmTable'),
    ...columnsOf(row),
  };
  return { value, etag: row.etag };
}

export function claimToRow(connectionId: string, claim: RowOwner, pendingCreation?: PendingCreation): Row {
  return {
    ...claimKeys(connectionId, claim.table, claim.crmId),
    v: 1,
    crmId: claim.crmId,
    mappingId: claim.mappingId,
    authScapeKey: encodeKey(claim.authScapeId),
    claimedAt: String(claim.createdAt),
    ...(pendingCreation === undefined ? {} : { born: true, ...jsonColumns('birth', pendingCreation) }),
  };
}

export function claimFromRow(row: StoredRow): RowOwner {
  checkVersion(row);
  return {
    table: keyPart(row.partitionKey, 1),
    crmId: textColumn(row, 'crmId'),
    mappingId: textColumn(row, 'mappingId'),
    authScapeId: decodeKey(textColumn(row, 'authScapeKey')),
    createdAt: Number(textColumn(row, 'claimedAt')),
  };
}

/** Names no A record: to a version that does not know pending creations the row is half a pair. */
export function pendingCreationToRow(
  connectionId: string,
  row: PendingCreationRow,
  pendingCreation: PendingCreation,
): Row {
  return claimToRow(
    connectionId,
    { ...row, authScapeId: '', createdAt: pendingCreation.madeAt },
    pendingCreation,
  );
}

/** Is it a row whose partner was not seen yet? */
export function isReservation(claim: RowOwner): boolean {
  return claim.authScapeId === '';
}

/** The pending creation that a row of claims holds, or has ended in the claim of a link. */
export function pendingCreationFromRow(row: StoredRow): PendingCreation | undefined {
  checkVersion(row);
  return row.born === true ? fromJsonColumns<PendingCreation>(row, 'birth') : undefined;
}

function optionalText(row: Row, column: string): string | null {
  const value = row[column];
  return typeof value === 'string' ? value : null;
}
