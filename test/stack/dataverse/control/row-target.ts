import type { FaultTarget } from '../../control.js';
import type { Environment } from '../environment.js';
import { parsePath } from '../resource-path.js';
import { locate } from '../tables/keys.js';
import type { Row, TableStore } from '../tables/table-store.js';

/** The row that a request is about: named in its address, or in its body where rows are made. */
export class RowTarget implements FaultTarget {
  readonly #environment: Environment;
  readonly #pathname: string;
  readonly #body: string | Buffer;
  #found: { ids: ReadonlySet<string>; values: Record<string, unknown>[] } | undefined;

  constructor(environment: Environment, pathname: string, body: string | Buffer) {
    this.#environment = environment;
    this.#pathname = pathname;
    this.#body = body;
  }

  isRow(id: string): boolean {
    return this.#find().ids.has(id.replace(/[{}]/g, '').toLowerCase());
  }

  values(): readonly Record<string, unknown>[] {
    return this.#find().values;
  }

  #find() {
    this.#found ??= this.#look();
    return this.#found;
  }

  #look() {
    const ids = new Set<string>();
    const values: Record<string, unknown>[] = [];
    const [first] = segmentsOf(this.#pathname);
    const store = this.#environment.bySet.get(first?.name ?? '');
    const addRow = (row: Row | undefined) => {
      if (row !== undefined) {
        ids.add(row.id);
        values.push(row.values);
      }
    };
    if (store !== undefined && first?.key !== undefined) {
      const id = idIn(this.#environment, store, first.key);
      ids.add(id);
      addRow(store.get(id));
    }
    for (const body of bodiesOf(this.#body.toString())) {
      values.push(body);
      const id = store === undefined ? undefined : body[store.definition.primaryId];
      if (typeof id === 'string') {
        ids.add(id.toLowerCase());
        addRow(store?.get(id.toLowerCase()));
      }
    }
    return { ids, values };
  }
}

function segmentsOf(pathname: string) {
  try {
    return parsePath(pathname) ?? [];
  } catch {
    return [];
  }
}

function idIn(environment: Environment, store: TableStore, key: string): string {
  try {
    return locate(environment, store, key).id ?? key;
  } catch {
    return key.toLowerCase();
  }
}

/** The objects that a body writes: itself, or the targets of a bulk message. */
function bodiesOf(text: string): Record<string, unknown>[] {
  if (!text.startsWith('{')) {
    return [];
  }
  let body: { Targets?: unknown };
  try {
    body = JSON.parse(text);
  } catch {
    return [];
  }
  const targets: unknown[] = Array.isArray(body.Targets) ? body.Targets : [body];
  return targets.filter((item) => typeof item === 'object' && item !== null) as Record<string, unknown>[];
}
