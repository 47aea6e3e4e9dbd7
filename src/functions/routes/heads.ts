import type { Route } from './route.js';
import { ROUTES } from './table.js';

/** What registering a route needs of it. */
export type RouteHead = Pick<Route, 'name' | 'method' | 'path' | 'role' | 'audit'>;

/** By the names under which the app has the handlers. */
export type RouteHeads = Readonly<Record<string, Readonly<Record<string, RouteHead>>>>;

/**
 * The heads of all routes. In the bundle this module is replaced by its value (infra/bundle.mjs): making the shapes of
 * all routes, which only the OpenAPI document needs, would take a fifth of the time of a start.
 */
export const ROUTE_HEADS: RouteHeads = Object.fromEntries(
  Object.entries<Readonly<Record<string, Route>>>(ROUTES).map(([group, routes]) => [
    group,
    Object.fromEntries(
      Object.entries(routes).map(([key, { audit, method, name, path, role }]) => [
        key,
        { name, method, path, role, ...(audit === undefined ? {} : { audit }) },
      ]),
    ),
  ]),
);
