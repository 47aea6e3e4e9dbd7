import type { HookCall } from './model.js';
import type { Store } from './store.js';

export interface CrmSettings {
  /** Base URL of the Dataverse simulator. */
  url: string;
  /** Bearer token of the user that the module's own CRM connection signs in as. */
  token: string;
}

interface Push {
  setName: string;
  body: Record<string, unknown>;
  /** How the module looks for a row that it did not write itself. */
  filter: string;
}

/**
 * AuthScape's own CRM connection: each operation with a hook pushes its record to Dynamics within the request, and
 * failures are only counted. Its search uses a function that Dataverse does not know, so it never finds a row that
 * another writer made, and makes one of its own.
 */
export class CrmWriter {
  readonly #store: Store;
  #settings: CrmSettings | undefined;
  /** Ids of the rows written before, by entity and id. */
  readonly #rows = new Map<string, string>();
  #counts = { created: 0, updated: 0, failed: 0 };

  constructor(store: Store) {
    this.#store = store;
  }

  get isOn(): boolean {
    return this.#settings !== undefined;
  }

  configure(settings: CrmSettings | undefined): void {
    this.#settings = settings;
  }

  counts() {
    return { ...this.#counts };
  }

  reset(): void {
    this.#settings = undefined;
    this.#rows.clear();
    this.#counts = { created: 0, updated: 0, failed: 0 };
  }

  /** Never rejects. */
  async push({ entity, id }: HookCall): Promise<void> {
    const push = this.#pushOf(entity, id);
    if (push === undefined || this.#settings === undefined) {
      return;
    }
    try {
      await this.#write(`${entity} ${id}`, push);
    } catch {
      this.#counts.failed += 1;
    }
  }

  async #write(record: string, { setName, body, filter }: Push): Promise<void> {
    const known = this.#rows.get(record) ?? (await this.#find(setName, filter));
    const answer = await this.#call(
      known === undefined ? 'POST' : 'PATCH',
      known === undefined ? setName : `${setName}(${known})`,
      body,
    );
    if (!answer.ok) {
      this.#counts.failed += 1;
      return;
    }
    this.#counts[known === undefined ? 'created' : 'updated'] += 1;
    const id = known ?? /\(([^)]+)\)$/.exec(answer.headers.get('odata-entityid') ?? '')?.[1];
    if (id !== undefined) {
      this.#rows.set(record, id);
    }
  }

  async #find(setName: string, filter: string): Promise<string | undefined> {
    const answer = await this.#call('GET', `${setName}?$top=1&$filter=${encodeURIComponent(filter)}`);
    if (!answer.ok) {
      return undefined;
    }
    const { value } = (await answer.json()) as { value: Record<string, unknown>[] };
    const id = value[0]?.[setName === 'contacts' ? 'contactid' : 'accountid'];
    return typeof id === 'string' ? id : undefined;
  }

  #call(method: string, path: string, body?: Record<string, unknown>): Promise<Response> {
    const { url, token } = this.#settings as CrmSettings;
    return fetch(`${url}/api/data/v9.2/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  #pushOf(entity: HookCall['entity'], id: number): Push | undefined {
    if (entity === 'User') {
      const user = this.#store.users.get(id);
      return (
        user && {
          setName: 'contacts',
          filter: `tolower(emailaddress1) eq '${quoted(user.userName.toLowerCase())}'`,
          body: {
            firstname: user.firstName,
            lastname: user.lastName,
            emailaddress1: user.userName,
            telephone1: user.phoneNumber,
          },
        }
      );
    }
    const company = entity === 'Company' ? this.#store.companies.get(id) : undefined;
    return (
      company && {
        setName: 'accounts',
        filter: `tolower(name) eq '${quoted(company.title.toLowerCase())}'`,
        body: { name: company.title },
      }
    );
  }
}

function quoted(text: string): string {
  return text.replaceAll("'", "''");
}
