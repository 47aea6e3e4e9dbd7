/**
 * What people did, JSON in `data`, with `actor` (a name) as a column to filter by. Each entry is there twice, newest
 * first under `{reverse time}|{entry}`: in the partition `!all` and, where it is about one, in `{connectionId}`.
 */
import type { AuditFilter, AuditStore } from '../../application/ports/audit.js';
import type { AuditEntry } from '../../domain/audit.js';
import { checkVersion, fromJsonColumns, jsonColumns } from './json-columns.js';
import { encodeKey, reverseTime } from './keys.js';
import type { Query, Tables } from './table.js';

const ALL = '!all';

export function createAuditStore(tables: Tables): AuditStore {
  const table = tables.table('Audit');
  return {
    async append(entry) {
      const rowKey = `${reverseTime(Date.parse(entry.at))}|${encodeKey(entry.id)}`;
      const columns = { v: 1, actor: entry.actor.name, ...jsonColumns('data', entry) };
      // The list of all entries leads: what it has may be missing in a connection's list, never the other way round.
      await table.insert({ partitionKey: ALL, rowKey, ...columns });
      if (entry.connectionId !== undefined) {
        await table.insert({ partitionKey: encodeKey(entry.connectionId), rowKey, ...columns });
      }
    },
    async list(filter, limit, cursor) {
      const { rows, next } = await table.query(queryOf(filter), limit, cursor);
      const items = rows.map((row) => {
        checkVersion(row);
        return fromJsonColumns<AuditEntry>(row, 'data');
      });
      return { items, nextCursor: next };
    },
  };
}

function queryOf({ actor, connectionId, since }: AuditFilter): Query {
  return {
    partition: connectionId === undefined ? ALL : encodeKey(connectionId),
    where: { actor },
    // Keys of the same millisecond sort below the next one's.
    below: since === undefined ? undefined : `${reverseTime(Date.parse(since) - 1)}|`,
  };
}
