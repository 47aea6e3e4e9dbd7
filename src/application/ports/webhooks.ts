import type { Connection } from '../../domain/model.js';
import type { RegisteredEndpoint, RegisteredStep, WantedStep } from '../../domain/webhook.js';

/**
 * Where Dynamics keeps the receivers of its notifications. Every method throws `BridgeError`; `access_denied` names the role that
 * registering needs, which is more than syncing does.
 */
export interface WebhookRegistry {
  /** All endpoints of that name; normally one or none. */
  findEndpoints(name: string): Promise<readonly RegisteredEndpoint[]>;
  /** Makes an endpoint that sends the secret in the header; answers its id. */
  createEndpoint(name: string, url: string, secret: string): Promise<string>;
  updateEndpoint(id: string, url: string, secret: string): Promise<void>;
  /** A missing one counts as removed. Its steps must be gone before. */
  removeEndpoint(id: string): Promise<void>;
  /** All steps of an endpoint, those of other makers too; `tables` are those whose steps are told apart by name. */
  steps(endpointId: string, tables: readonly string[]): Promise<readonly RegisteredStep[]>;
  /** Those of the steps for which Dynamics offers no event of their table. */
  withoutEvent(steps: readonly WantedStep[]): Promise<readonly WantedStep[]>;
  createStep(endpointId: string, step: WantedStep): Promise<void>;
  /** Switches the step on and sets it up as wanted. */
  repairStep(id: string, step: WantedStep): Promise<void>;
  removeStep(id: string): Promise<void>;
}

export type OpenWebhookRegistry = (connection: Connection) => Promise<WebhookRegistry>;

/** What was registered for a connection. */
export interface WebhookRegistration {
  readonly connectionId: string;
  readonly baseUrl: string;
  /** Domain of the environment in which it was done. */
  readonly environment: string;
  /** Null until Dynamics has it. */
  readonly endpointId: string | null;
  /** Version of the secret that Dynamics was given last. */
  readonly secretVersion: string | null;
  readonly registeredAt: string;
  /** Why the newest adjustment to changed mappings or secrets did not get through; null when it did. */
  readonly lastFailure: { readonly code: string; readonly message: string; readonly at: string } | null;
}

/** One row per connection; the last writer wins, as every writer brings Dynamics to the same state. */
export interface WebhookStore {
  get(connectionId: string): Promise<WebhookRegistration | undefined>;
  put(registration: WebhookRegistration): Promise<void>;
  remove(connectionId: string): Promise<void>;
}
