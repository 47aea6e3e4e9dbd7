import { ROUTE_HEADS, type RouteHead } from './heads.js';
import type { ROUTES } from './table.js';

type RouteTable = typeof ROUTES;

/** One value, a handler say, for each route. */
export type PerRoute<T> = { readonly [G in keyof RouteTable]: { readonly [K in keyof RouteTable[G]]: T } };

/** All routes with their values. */
export function withRoutes<T>(
  values: PerRoute<T>,
): readonly { readonly route: RouteHead; readonly value: T }[] {
  const found: { route: RouteHead; value: T }[] = [];
  mapRoutes(values, (value, route) => found.push({ route, value }));
  return found;
}

/** Makes one value of each route's value. */
export function mapRoutes<A, B>(values: PerRoute<A>, make: (value: A, route: RouteHead) => B): PerRoute<B> {
  const given: Readonly<Record<string, Readonly<Record<string, A>>>> = values;
  const made = Object.entries(ROUTE_HEADS).map(([group, routes]) => {
    const entries = Object.entries(routes).flatMap(([name, route]) => {
      const value = given[group]?.[name];
      return value === undefined ? [] : [[name, make(value, route)]];
    });
    return [group, Object.fromEntries(entries)];
  });
  return Object.fromEntries(made) as PerRoute<B>;
}
