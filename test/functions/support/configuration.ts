import { type Call, call, createTestBridge, givenConnection, textAt } from '../../support/bridge.js';
import { aColumn, aContactTable, anEntityField } from '../../support/builders.js';

/** A connection without mappings, a custom field and one more column; what the API says of its configuration. */
export async function givenConfiguration() {
  const bridge = createTestBridge();
  bridge.systems.customFields.push(
    anEntityField('customFields.shoeSize', { key: 'customFields.7', custom: true }),
  );
  const contacts = aContactTable();
  bridge.systems.tables.set('contact', { ...contacts, columns: [...contacts.columns, aColumn('jobtitle')] });
  const id = textAt(await givenConnection(bridge, { clientSecret: 'a-very-secret-value-1' }), 'id');
  return {
    bridge,
    id,
    exported: async (query: Record<string, string> = {}) =>
      (await call(bridge.configuration.export, { query })).body as Document,
    plan: (body: unknown, more: Call = {}) => call(bridge.configuration.plan, { body, ...more }),
    apply: (body: unknown, more: Call = {}) =>
      call(bridge.configuration.apply, { body, method: 'PUT', ...more }),
  };
}

export type GivenConfiguration = Awaited<ReturnType<typeof givenConfiguration>>;

interface Mapping {
  readonly authScapeEntity: string;
  readonly crmEntity: string;
  readonly fields: { authScapeField: string; crmField: string; direction?: string }[];
}
interface Document {
  readonly connections: { name: string; mappings: Mapping[] }[];
}
export interface Plan {
  readonly changes: { path: string; action: string; from?: unknown; to?: unknown }[];
  readonly problems: { path: string; message: string }[];
}

export const users = { authScapeEntity: 'User', crmEntity: 'contact' };
export const changesOf = (reply: { body: unknown }) =>
  (reply.body as Plan).changes.map(({ action, path }) => `${action} ${path}`);
export const named = (connections: unknown[]) => ({ version: 1, connections });
