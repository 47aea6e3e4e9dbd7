import type { Call } from '../call.js';
import { DataverseError, duplicateRow } from '../errors.js';
import { findEqual, type UniqueKey } from '../tables/keys.js';
import type { TableDefinition } from '../tables/schema.js';
import type { Row, TableStore } from '../tables/table-store.js';

/** Refuses a row that was just written, within its transaction, when another one has the same values. */
export function requireUnique(call: Call, store: TableStore, row: Row, sent: ReadonlySet<string>): void {
  const { environment } = call;
  for (const key of environment.keys) {
    if (key.table !== store.definition.name || !isChecked(call, store.definition, key, sent)) {
      continue;
    }
    if (findEqual(environment, store, key, row) !== undefined) {
      throw violation(store.definition, key);
    }
  }
}

function isChecked(
  { headers }: Call,
  table: TableDefinition,
  key: UniqueKey,
  sent: ReadonlySet<string>,
): boolean {
  if (
    key.kind === 'duplicateRule' &&
    headers['mscrm.suppressduplicatedetection']?.toLowerCase() !== 'false'
  ) {
    return false;
  }
  return key.columns.some((name) => sent.has(table.columns.get(name)?.property ?? name));
}

function violation(table: TableDefinition, { kind, name, columns, status }: UniqueKey): DataverseError {
  switch (kind) {
    case 'alternateKey': {
      const labels = columns.map((column) => table.columns.get(column)?.label ?? column).join(', ');
      const message = `Entity Key ${name} violated. A record with the same value for ${labels} already exists. A duplicate record cannot be created. Select one or more unique values and try again.`;
      return new DataverseError(status ?? 412, '0x80060892', message);
    }
    case 'constraint': {
      const { code, message } = duplicateRow();
      return new DataverseError(status ?? 412, code, message);
    }
    case 'uniqueIndex':
      return new DataverseError(
        status ?? 412,
        '0x80073002',
        'Cannot insert duplicate key. A record with the same value in a unique index already exists.',
      );
    case 'duplicateRule':
      return new DataverseError(
        status ?? 412,
        '0x80040333',
        'A record was not created or updated because a duplicate of the current record already exists.',
      );
  }
}
