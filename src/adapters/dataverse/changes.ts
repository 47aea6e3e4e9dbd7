import type { ChangePage, DynamicsSystem } from '../../application/ports/systems.js';
import type { BridgeError } from '../../domain/errors.js';
import { parseJson } from '../http/client.js';
import { HttpFailure } from '../http/failure.js';
import type { DataverseApi } from './api.js';
import type { DataverseTable } from './columns.js';
import { faultOf } from './error-body.js';
import { bridgeError, systemError } from './faults.js';
import { isGuid, query } from './odata.js';
import { rowFormat } from './row-format.js';
import { emptyAnswer, pageSchema, parse, type RawRow } from './wire.js';

type From = Parameters<DynamicsSystem['changes']>[2];

/** The most that Dataverse gives in one page. */
const PAGE_SIZE = 5_000;
/** A position says whether its read tracks changes: every page needs the headers that the first one had. */
const TRACKED = 'tracked ';
const PLAIN = 'plain ';

/**
 * One page of a table's rows or changes (*Use change tracking to synchronize data with external systems*). Links are
 * followed as they were given; the read is at its end when there is no next link, not when a page is short.
 */
export async function readChanges(
  api: DataverseApi,
  schema: DataverseTable,
  columns: readonly string[],
  from: From,
): Promise<ChangePage> {
  const format = rowFormat(schema, columns);
  const { link, tracked } = start(api, schema, format.select, from);
  const prefer = [
    ...(tracked ? ['odata.track-changes'] : []),
    `odata.maxpagesize=${PAGE_SIZE}`,
    ...format.prefer,
  ];
  const { body, readAt } = await readPage(api, link, prefer, from.kind === 'page' || from.kind === 'delta');
  // Where nothing has changed, the answer may be empty: the position stays.
  if (from.kind === 'delta' && emptyAnswer.safeParse(body).success) {
    return { rows: [], deletedIds: [], next: null, deltaLink: from.link };
  }
  const page = parse(pageSchema, body, 'a page of rows');
  const next = page['@odata.nextLink'];
  return {
    rows: page.value.flatMap((raw) =>
      deletedId(raw) === undefined ? (format.toRow(raw, readAt) ?? []) : [],
    ),
    deletedIds: page.value.flatMap((raw) => deletedId(raw) ?? []),
    next: next === undefined ? null : `${tracked ? TRACKED : PLAIN}${next}`,
    deltaLink: next === undefined && tracked ? (page['@odata.deltaLink'] ?? null) : null,
  };
}

function start(api: DataverseApi, schema: DataverseTable, select: string, from: From) {
  switch (from.kind) {
    case 'start': {
      // Without a unique order rows are skipped between pages; change tracking takes no order and needs none.
      const order = from.tracked ? undefined : `${schema.primaryId} asc`;
      const path = `${schema.entitySetName}${query({ $select: select, $orderby: order })}`;
      return { link: path, tracked: from.tracked };
    }
    case 'since': {
      const path = `${schema.entitySetName}${query({
        $select: select,
        $filter: `modifiedon ge ${from.time}`,
        $orderby: `${schema.primaryId} asc`,
      })}`;
      return { link: path, tracked: false };
    }
    case 'delta':
      return { link: api.follow(from.link), tracked: true };
    case 'page': {
      const tracked = from.link.startsWith(TRACKED);
      return { link: api.follow(from.link.slice((tracked ? TRACKED : PLAIN).length)), tracked };
    }
  }
}

/** A refused link is never "no changes": the read has to start over. */
async function readPage(api: DataverseApi, path: string, prefer: readonly string[], isLink: boolean) {
  try {
    const answer = await api.send({ method: 'GET', path, prefer, safe: true });
    return { body: parseJson(answer), readAt: answer.sentAt };
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    const status = faultOf(error.failure)?.status;
    const general = systemError(error);
    const isRefusal = status === 400 || status === 410 || status === 404;
    if (!isLink || !isRefusal || isSpecific(general)) throw general;
    throw bridgeError('delta_link_expired', 'Dynamics no longer takes the stored position in the table.');
  }
}

function isSpecific(error: BridgeError): boolean {
  return error.code !== 'dynamics_error';
}

function deletedId(raw: RawRow): string | undefined {
  const context = raw['@odata.context'];
  const isDeletion =
    (typeof context === 'string' && context.endsWith('/$deletedEntity')) || raw.reason === 'deleted';
  return isDeletion && typeof raw.id === 'string' && isGuid(raw.id) ? raw.id.toLowerCase() : undefined;
}
