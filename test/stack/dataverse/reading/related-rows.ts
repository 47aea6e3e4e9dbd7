import type { SimReply } from '../../control.js';
import { requirePrivilege } from '../access.js';
import type { Call } from '../call.js';
import type { Related } from '../tables/relationships.js';
import type { TableStore } from '../tables/table-store.js';
import { requireRow } from '../writing/write-handlers.js';
import { readCollection } from './collection.js';

/** GET of `<row>/<relationship>`: the related set, filtered by its lookup; so are the links to its further pages. */
export function readRelated(
  call: Call,
  parents: TableStore,
  id: string,
  { store, column }: Related,
): SimReply {
  requireRow(call, parents, id);
  requirePrivilege(call.user, 'Read', store.definition);
  const own = `${column.property} eq ${id}`;
  const given = call.query.get('$filter');
  const query = new Map(call.query).set('$filter', given === undefined ? own : `${own} and (${given})`);
  const search = [...query].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return readCollection({ ...call, query, search }, store);
}
