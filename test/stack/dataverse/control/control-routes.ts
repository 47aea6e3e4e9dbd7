import { z } from 'zod';
import { ControlError, type ControlRoute } from '../../control.js';
import { findUser } from '../access.js';
import type { Environment } from '../environment.js';
import type { Row, TableStore } from '../tables/table-store.js';
import type { WebhookSender } from '../webhooks/webhook-sender.js';
import { addTable, changeColumns, changeOptions, removeColumn } from './column-routes.js';
import { addKey } from './key-routes.js';
import { addPlugIn } from './plug-in-routes.js';
import { requireTable } from './require-table.js';
import type { Seeder } from './seeding.js';
import type { ServiceLimits } from './service-limits.js';

const count = z.int().nonnegative();
const seedSchema = z.strictObject({
  contacts: count.default(0),
  accounts: count.default(0),
  seed: z.int().default(1),
});
const userSchema = z.strictObject({
  appId: z.string(),
  state: z.enum(['ok', 'none', 'noRole', 'missingPrivilege', 'disabled', 'noGlobalRead', 'notCustomizer']),
  privilege: z.string().optional(),
  securedColumns: z.array(z.string().regex(/^\w+\.\w+$/)).default([]),
  deniedRows: z.array(z.guid()).default([]),
});
const trackingSchema = z.strictObject({
  expireTokens: z.boolean().optional(),
  invalidateTokens: z.boolean().optional(),
  status: z.union([z.literal(400), z.literal(410)]).optional(),
  enabled: z.record(z.string(), z.boolean()).optional(),
});
const behaviourSchema = z.strictObject({
  dopHint: z.int().positive().exactOptional(),
  unauthorizedBody: z.enum(['json', 'text', 'empty']).exactOptional(),
  gatewayBody: z.enum(['html', 'json', 'empty']).exactOptional(),
  emptyCodes: z.boolean().exactOptional(),
  goneWithEtag: z.union([z.literal(404), z.literal(412)]).exactOptional(),
  bindToMissing: z.union([z.literal(404), z.literal(400)]).exactOptional(),
  emptyTextIsNull: z.boolean().exactOptional(),
  expiredTokenStatus: z.union([z.literal(400), z.literal(410)]).exactOptional(),
  endpointWithSteps: z.enum(['fail', 'cascade']).exactOptional(),
  tokenFixedAt: z.enum(['firstPage', 'lastPage']).exactOptional(),
  emptyFeed: z.boolean().exactOptional(),
  batchStops: z.boolean().exactOptional(),
});
const collationSchema = z.strictObject({
  accents: z.enum(['insensitive', 'sensitive']).exactOptional(),
  trailingBlanks: z.enum(['ignored', 'kept']).exactOptional(),
});
const currencySchema = z.strictObject({
  code: z.string().regex(/^[A-Z]{3}$/),
  precision: count.max(4).default(2),
  rate: z.number().positive().default(1),
});
/** How often something happens: a share of 1, or always. */
const share = z.union([z.number().min(0).max(1), z.boolean().transform(Number)]).default(0);
const webhookSchema = z.strictObject({
  deliver: z.boolean(),
  duplicate: share,
  drop: share,
  reorder: z.boolean().default(false),
  timeoutMs: count.default(60_000),
  delayMs: count.default(0),
  repeatAfterMs: count.default(500),
});
/** What is left out is as documented. */
const limitsSchema = z.strictObject({
  requests: z.int().positive().exactOptional(),
  executionSeconds: z.number().positive().exactOptional(),
  concurrent: z.int().positive().exactOptional(),
  windowSeconds: z.number().positive().exactOptional(),
});
interface Controlled {
  environment: Environment;
  seeder: Seeder;
  webhooks: WebhookSender;
  limits: ServiceLimits;
}

/** The control routes of the Dataverse simulator, besides those every simulator has. */
export function controlRoutes({
  environment,
  seeder,
  webhooks,
  limits,
}: Controlled): Record<string, ControlRoute> {
  return {
    'POST /_sim/seed': (body) => {
      seeder.seed(seedSchema.parse(body));
      return { contacts: environment.table('contact').size, accounts: environment.table('account').size };
    },
    'GET /_sim/dump': () => dump(environment),
    'POST /_sim/reset': () => {
      environment.reset();
      webhooks.reset();
      limits.restore();
      seeder.forget();
    },
    'POST /_sim/users': (body) => setUser(environment, body),
    'POST /_sim/tracking': (body) => setTracking(environment, body),
    'POST /_sim/organization': (body) => {
      const schema = z.strictObject({ organizationId: z.guid().optional() });
      const { organizationId } = schema.parse(body ?? {});
      environment.becomeCopy(organizationId?.toLowerCase() ?? crypto.randomUUID());
      return { organizationId: environment.organizationId };
    },
    'POST /_sim/clock': (body) => {
      environment.advance(z.strictObject({ advanceSeconds: z.number() }).parse(body).advanceSeconds);
      return { now: environment.now().toISOString() };
    },
    'POST /_sim/plugin': (body) => addPlugIn(environment, body),
    'POST /_sim/keys': (body) => addKey(environment, body),
    'DELETE /_sim/keys': () => {
      environment.keys = [];
    },
    'DELETE /_sim/plugin': () => {
      environment.plugIns = [];
    },
    'POST /_sim/behaviour': (body) => Object.assign(environment.behaviour, behaviourSchema.parse(body)),
    'POST /_sim/collation': (body) => {
      environment.collate(collationSchema.parse(body ?? {}));
      return environment.collation.settings;
    },
    'POST /_sim/columns': (body) => changeColumns(environment, body),
    'DELETE /_sim/columns': (body) => removeColumn(environment, body),
    'POST /_sim/options': (body) => changeOptions(environment, body),
    'POST /_sim/tables': (body) => addTable(environment, body),
    'POST /_sim/currencies': (body) => {
      const { code, precision, rate } = currencySchema.parse(body);
      return { id: environment.addCurrency(code, precision, rate) };
    },
    'POST /_sim/limits': (body) => limits.set(limitsSchema.parse(body ?? {})),
    'GET /_sim/limits': () => limits.report(),
    'DELETE /_sim/limits': () => limits.restore(),
    'POST /_sim/webhooks': (body) => webhooks.configure(webhookSchema.parse(body)),
    'GET /_sim/webhooks': () => webhooks.counts(),
  };
}

function setUser(environment: Environment, body: unknown) {
  const { appId, state, privilege, securedColumns, deniedRows } = userSchema.parse(body);
  const user = findUser(environment, appId);
  if (user === undefined) {
    throw new ControlError(400, `There is no application user of the app '${appId}'.`);
  }
  if (state === 'missingPrivilege' && privilege === undefined) {
    throw new ControlError(400, "The state missingPrivilege needs a 'privilege' such as prvReadContact.");
  }
  user.state = state;
  user.privilege = privilege;
  user.securedColumns = new Set(securedColumns);
  user.deniedRows = new Set(deniedRows.map((id) => id.toLowerCase()));
  return { appId: user.appId, userId: user.userId, state, privilege };
}

function setTracking(environment: Environment, body: unknown) {
  const { expireTokens, invalidateTokens, status, enabled } = trackingSchema.parse(body);
  for (const [table, isEnabled] of Object.entries(enabled ?? {})) {
    environment.tracking.set(requireTable(environment, table).definition.name, isEnabled);
  }
  if (status !== undefined) {
    environment.behaviour.expiredTokenStatus = status;
  }
  if (expireTokens === true) {
    environment.tokensExpireBelow = environment.nextVersion();
  }
  if (invalidateTokens === true) {
    environment.tokensInvalidBelow = environment.nextVersion();
  }
  return {
    enabled: Object.fromEntries(environment.tracking),
    status: environment.behaviour.expiredTokenStatus,
  };
}

/** Tables with more rows than this leave out the columns that are empty in all of them. */
const fullDumpRows = 20_000;

function dump(environment: Environment): Record<string, unknown[]> {
  const result: Record<string, unknown[]> = {};
  for (const [setName, store] of environment.bySet) {
    const properties = dumpedProperties(store);
    result[setName] = [...store.rows()].map((row) => dumpedRow(row, properties));
  }
  return result;
}

function dumpedProperties(store: TableStore): string[] {
  const all = [...store.definition.byProperty.keys()];
  if (store.size <= fullDumpRows) {
    return all;
  }
  const used = new Set<string>();
  for (const row of store.rows()) {
    for (const [property, value] of Object.entries(row.values)) {
      if (value !== null) {
        used.add(property);
      }
    }
  }
  return all.filter((property) => used.has(property));
}

function dumpedRow(row: Row, properties: readonly string[]): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const property of properties) {
    json[property] = row.values[property] ?? null;
  }
  return json;
}
