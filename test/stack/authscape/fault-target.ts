import type { FaultTarget, SimRequest } from '../control.js';
import type { Store } from './store.js';

/** The user, company or location that a request is about: named by an id in its query or its body. */
export class RecordTarget implements FaultTarget {
  readonly #store: Store;
  readonly #request: SimRequest;
  /** The action's name as AuthScape spells it. */
  readonly #action: string;

  constructor(store: Store, request: SimRequest, action: string) {
    this.#store = store;
    this.#request = request;
    this.#action = action;
  }

  isRow(id: string): boolean {
    return this.#id() === id;
  }

  values(): readonly Record<string, unknown>[] {
    const record = this.#record(Number(this.#id()));
    return [record, this.#body(), Object.fromEntries(this.#request.url.searchParams)].filter(
      (values) => values !== undefined,
    );
  }

  #id(): string | undefined {
    const { searchParams } = this.#request.url;
    const body = this.#body();
    const own = `${this.#entity().toLowerCase()}id`;
    const given = [...searchParams, ...Object.entries(body ?? {})];
    const found =
      given.find(([name]) => name.toLowerCase() === 'id') ??
      given.find(([name]) => name.toLowerCase() === own);
    return found === undefined ? undefined : String(found[1]);
  }

  #entity(): string {
    return /Company|Location/.exec(this.#action)?.[0] ?? 'User';
  }

  #record(id: number): Record<string, unknown> | undefined {
    const row = this.#rows().get(id);
    return row === undefined ? undefined : 'userName' in row ? { ...row, email: row.userName } : { ...row };
  }

  #rows() {
    switch (this.#entity()) {
      case 'Company':
        return this.#store.companies;
      case 'Location':
        return this.#store.locations;
      default:
        return this.#store.users;
    }
  }

  #body(): Record<string, unknown> | undefined {
    try {
      const body: unknown = JSON.parse(this.#request.body.toString() || 'null');
      return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : undefined;
    } catch {
      return undefined;
    }
  }
}
