/**
 * "Sync to CRM" for a page of AuthScape's portal:
 *
 *   <script type="module" src="https://<app>/api/console/embed.js"></script>
 *   <sync-to-crm entity="User" record-id="42"></sync-to-crm>
 *
 * The page says how to sign in: `element.credentials = async () => ({ authorization: 'Bearer …' })`.
 */
const ROUTES: Readonly<Record<string, string>> = {
  User: 'users',
  Company: 'companies',
  Location: 'locations',
};
const service = new URL(/* @vite-ignore */ '../', import.meta.url);

interface Result {
  readonly outcome: string;
  readonly error?: { readonly message: string };
}

class SyncToCrm extends HTMLElement {
  credentials: () => Promise<Record<string, string>> = async () => ({});
  readonly #button = document.createElement('button');
  readonly #state = document.createElement('span');

  connectedCallback(): void {
    this.#button.type = 'button';
    this.#button.textContent = this.getAttribute('label') ?? 'Sync to CRM';
    this.#state.setAttribute('role', 'status');
    this.#button.onclick = () => void this.#sync();
    this.replaceChildren(this.#button, ' ', this.#state);
  }

  async #sync(): Promise<void> {
    this.#button.disabled = true;
    this.#state.textContent = 'Syncing…';
    try {
      this.#state.textContent = await this.#request();
    } catch (error) {
      this.#state.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      this.#button.disabled = false;
    }
  }

  async #request(): Promise<string> {
    const route = ROUTES[this.getAttribute('entity') ?? 'User'];
    const id = this.getAttribute('record-id');
    if (route === undefined || id === null) throw new Error('The element needs an entity and a record-id.');
    const headers = { 'content-type': 'application/json', ...(await this.credentials()) };
    const address = new URL(`${route}/${encodeURIComponent(id)}/sync`, service);
    const response = await fetch(address, { method: 'POST', headers }).catch((cause: unknown) => {
      // Away, or the portal is not among the origins that may call it: the browser does not say which.
      throw new Error('The service cannot be reached from this page.', { cause });
    });
    const body = (await response.json().catch(() => ({}))) as { results?: Result[]; detail?: string };
    if (!response.ok) throw new Error(body.detail ?? `The service answered ${response.status}.`);
    const results = body.results ?? [];
    return results.map(({ outcome, error }) => error?.message ?? outcome).join(', ') || 'nothing to sync';
  }
}

customElements.define('sync-to-crm', SyncToCrm);
