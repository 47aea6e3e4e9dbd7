import { connectionRoutes } from './connections.js';
import { deadLetterRoutes } from './dead-letters.js';
import { diagnosticsRoutes } from './diagnostics.js';
import { eventRoutes } from './events.js';
import { fieldRoutes } from './fields.js';
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
import { watchingRoutes } from './watching.js';
import { webhookRoutes } from './webhooks.js';

/** Every route of the service, by the names under which the app has its handler. */
const ROUTES = {
  connections: connectionRoutes,
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
  watching: watchingRoutes,
  webhook: webhookRoutes,
  deadLetters: deadLetterRoutes,
  events: eventRoutes,
  health: healthRoutes,
  openApi: openApiRoutes,
};

type Table = typeof ROUTES;

/** One value, a handler say, for each route. */
export type PerRoute<T> = { readonly [G in keyof Table]: { readonly [K in keyof Table[G]]: T } };

/** All routes in the order of the table. */
export function allRoutes(): readonly Route[] {
  return Object.values(ROUTES).flatMap((group) => Object.values<Route>(group));
}

/** All routes with their values. */
export function withRoutes<T>(values: PerRoute<T>): readonly { readonly route: Route; readonly value: T }[] {
  const entries = Object.entries<Readonly<Record<string, Route>>>(ROUTES);
  const groups: Readonly<Record<string, Readonly<Record<string, T>>>> = values;
  return entries.flatMap(([group, routes]) =>
    Object.entries(routes).flatMap(([name, route]) => {
      const value = groups[group]?.[name];
      return value === undefined ? [] : [{ route, value }];
    }),
  );
}
