import { z } from 'zod';
import { ControlError, type ControlRoute } from '../control.js';
import type { Backup } from './backup.js';
import type { CrmWriter } from './crm-writer.js';
import { dump, orphans } from './dump.js';
import type { EventSender } from './event-sender.js';
import type { TokenIssuer } from './identity.js';
import { insertRows, removeRow } from './insertion.js';
import type { RateLimit } from './rate-limit.js';
import type { Installation } from './routes.js';
import type { Seeder } from './seeding.js';
import type { Store } from './store.js';

interface Controlled {
  store: Store;
  tokens: TokenIssuer;
  seeder: Seeder;
  limit: RateLimit;
  installed: Installation;
  events: EventSender;
  crm: CrmWriter;
  backup: Backup;
}

const tokensSchema = z.strictObject({
  mode: z.enum(['stock', 'patched', 'refresh']).exactOptional(),
  identity: z.boolean().exactOptional(),
  expireAll: z.boolean().exactOptional(),
  expiresIn: z.number().nonnegative().exactOptional(),
});
const nameSchema = z.strictObject({ name: z.string().min(1) });
const limitsSchema = z.strictObject({
  permitLimit: z.int().positive(),
  windowSeconds: z.number().positive(),
});
const installSchema = z.strictObject({
  module: z.boolean().exactOptional(),
  sampleCompanies: z.boolean().exactOptional(),
});
const crmSchema = z.strictObject({ url: z.url(), token: z.string().min(1) });
const listsSchema = z.strictObject({ ties: z.enum(['byLength', 'shuffled']) });
const eventsSchema = z.strictObject({
  deliver: z.boolean(),
  all: z.boolean().default(false),
  url: z.url().exactOptional(),
  key: z.string().min(1).exactOptional(),
});
const customFieldSchema = z.strictObject({
  name: z.string().min(1),
  platform: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  type: z.int().min(1).max(7),
  properties: z.string().nullable().default(null),
  isRequired: z.boolean().default(false),
  size: z.int().nullable().default(6),
  companyId: z.int().nullable().default(null),
  isColumnOnDatagrid: z.boolean().default(false),
});

/** What tests and the local stack may do to the simulator beyond the API. */
export function controlRoutes({
  store,
  tokens,
  seeder,
  limit,
  installed,
  events,
  crm,
  backup,
}: Controlled): Record<string, ControlRoute> {
  return {
    'POST /_sim/seed': (body) => seeder.add(body),
    'GET /_sim/dump': () => dump(store),
    'GET /_sim/orphans': () => orphans(store),
    'POST /_sim/reset': () => {
      events.reset();
      crm.reset();
      store.reset();
      seeder.reset();
      return {};
    },
    'POST /_sim/insert': (body) => insertRows(store, body),
    'POST /_sim/delete': (body) => removeRow(store, body),
    'POST /_sim/custom-fields': (body) => ({ id: store.addCustomField(customFieldSchema.parse(body)) }),
    'POST /_sim/roles': (body) => ({ id: store.addRole(nameSchema.parse(body).name) }),
    'POST /_sim/permissions': (body) => ({ id: store.addPermission(nameSchema.parse(body).name) }),
    'POST /_sim/tokens': (body) => {
      const { expireAll, ...settings } = tokensSchema.parse(body);
      Object.assign(tokens.settings, settings);
      if (expireAll === true) {
        tokens.expireAll();
      }
      const started = settings.mode === 'refresh' ? { refreshToken: tokens.startRefreshChain() } : {};
      return { ...tokens.settings, ...started };
    },
    'GET /_sim/hooks': () => ({ count: store.hooks.length, calls: store.hooks }),
    'DELETE /_sim/hooks': () => {
      store.hooks = [];
      return { count: 0, calls: [] };
    },
    'GET /_sim/unseen': () => ({ items: store.replaces.unseen }),
    'POST /_sim/limits': (body) => limit.set(limitsSchema.parse(body)),
    'DELETE /_sim/limits': () => limit.set(undefined),
    'POST /_sim/install': (body) => Object.assign(installed, installSchema.parse(body)),
    'POST /_sim/crm': (body) => {
      crm.configure(crmSchema.parse(body));
      return crm.counts();
    },
    'GET /_sim/crm': () => crm.counts(),
    'DELETE /_sim/crm': () => {
      crm.configure(undefined);
      return crm.counts();
    },
    'POST /_sim/backup': () => {
      backup.take();
      return {};
    },
    'POST /_sim/restore': () => {
      if (!backup.restore()) {
        throw new ControlError(400, 'No backup was taken: POST /_sim/backup first.');
      }
      return {};
    },
    'POST /_sim/lists': (body) => {
      store.ties = listsSchema.parse(body).ties;
      return { ties: store.ties };
    },
    'POST /_sim/events': (body) => events.configure(eventsSchema.parse(body)),
    'GET /_sim/events': () => events.counts(),
  };
}
