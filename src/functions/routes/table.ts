import { alertRoutes } from './alerts.js';
import { auditRoutes } from './audit.js';
import { configurationRoutes } from './configuration.js';
import { connectionRoutes } from './connections.js';
import { deadLetterRoutes } from './dead-letters.js';
import { diagnosticsRoutes } from './diagnostics.js';
import { eventRoutes } from './events.js';
import { fieldRoutes } from './fields.js';
import { linkAndLogRoutes } from './links-and-logs.js';
import { mappingRoutes } from './mappings.js';
import { problemRoutes } from './problems.js';
import { recordPageRoutes } from './record-pages.js';
import { recordRoutes } from './records.js';
import { relationshipRoutes } from './relationships.js';
import type { Route } from './route.js';
import { runRoutes } from './runs.js';
import { schemaRoutes } from './schema.js';
import { healthRoutes, openApiRoutes } from './service.js';
import { statsRoutes } from './stats.js';
import { webhookRoutes } from './webhooks.js';

/** Every route of the service, by the names under which the app has its handler. */
export const ROUTES = {
  connections: connectionRoutes,
  alerts: alertRoutes,
  mappings: mappingRoutes,
  fields: fieldRoutes,
  relationships: relationshipRoutes,
  schema: schemaRoutes,
  runs: runRoutes,
  records: recordRoutes,
  recordPages: recordPageRoutes,
  problems: problemRoutes,
  stats: statsRoutes,
  diagnostics: diagnosticsRoutes,
  linksAndLogs: linkAndLogRoutes,
  webhook: webhookRoutes,
  deadLetters: deadLetterRoutes,
  events: eventRoutes,
  configuration: configurationRoutes,
  audit: auditRoutes,
  health: healthRoutes,
  openApi: openApiRoutes,
};

/** All routes in the order of the table. */
export function allRoutes(): readonly Route[] {
  return Object.values(ROUTES).flatMap((group) => Object.values<Route>(group));
}
