/** One request whose answer is known. `{c}` and the like stand for ids that the test fills in. */
export interface RouteCase {
  name: string;
  request: string;
  body?: unknown;
  headers?: Record<string, string>;
  status: number;
  /** Of a problem. */
  code?: string;
  /** Paths of all faults that the problem lists, in any order. */
  faults?: string[];
}

export const contact = { authScapeEntity: 'User', crmEntity: 'contact' };
/** Every route that wants a function key. */
export const keyedRoutes = [
  ...['POST connections', 'GET connections', 'GET connections/{c}', 'PATCH connections/{c}'],
  ...['DELETE connections/{c}', 'POST connections/{c}/test', 'POST connections/{c}/mappings'],
  ...[
    'GET connections/{c}/mappings',
    'GET {m}',
    'PATCH {m}',
    'DELETE {m}',
    'GET {m}/fields',
    'POST {m}/fields',
  ],
  ...['PUT {m}/fields', 'GET {m}/fields/{f}', 'PATCH {m}/fields/{f}', 'DELETE {m}/fields/{f}'],
  ...['GET {m}/relationships', 'POST {m}/relationships', 'GET {m}/relationships/{r}'],
  ...['PATCH {m}/relationships/{r}', 'DELETE {m}/relationships/{r}', 'POST {m}/preview'],
  ...['GET connections/{c}/schema/entities', 'GET connections/{c}/schema/entities/contact/fields'],
  ...['GET schema/authscape/User/fields', 'POST connections/{c}/sync', 'GET connections/{c}/runs'],
  ...['GET runs/{run}', 'GET runs/{run}/changes', 'POST runs/{run}/cancel', 'POST runs/{run}/approve'],
  ...['POST runs/{run}/reject', 'POST users/{user}/sync', 'POST companies/1/sync', 'POST locations/1/sync'],
  ...[
    'POST connections/{c}/records/contact/{row}/sync',
    'GET connections/{c}/logs',
    'DELETE connections/{c}/logs',
  ],
  ...['GET connections/{c}/links', 'DELETE connections/{c}/links/{link}', 'GET connections/{c}/duplicates'],
  ...['POST authscape/events', 'GET connections/{c}/problems', 'POST connections/{c}/problems/retry'],
  ...['GET configuration', 'POST configuration/plan', 'PUT configuration', 'POST connections/{c}/erase'],
  ...['POST connections/{c}/links', 'GET connections/{c}/records', 'GET connections/{c}/records/User/{user}'],
];

/** Routes whose address names something that there is not. */
export const missing: RouteCase[] = [
  ...['GET connections/c_none', 'PATCH connections/c_none', 'DELETE connections/c_none'],
  ...['POST connections/c_none/test', 'GET connections/c_none/mappings', 'POST connections/c_none/mappings'],
  ...[
    'GET connections/c_none/schema/entities',
    'POST connections/c_none/sync',
    'GET connections/c_none/runs',
  ],
  ...['GET connections/c_none/logs', 'DELETE connections/c_none/logs?olderThan=2026-01-01'],
  ...[
    'GET connections/c_none/links',
    'GET connections/c_none/duplicates',
    'DELETE connections/c_none/links/x',
    'GET connections/c_none/problems',
    'GET connections/c_none/records?search=ada',
    'GET connections/c_none/records/User/1',
    'GET configuration?connection=c_none',
  ],
]
  .map((request) => ({ request, code: 'connection_not_found' }))
  .concat(
    ['GET connections/{c}/mappings/m_none', 'PATCH connections/{c}/mappings/m_none'].map((request) => ({
      request,
      code: 'mapping_not_found',
    })),
    ['DELETE connections/{c}/mappings/m_none', 'GET connections/{c}/mappings/m_none/fields'].map(
      (request) => ({
        request,
        code: 'mapping_not_found',
      }),
    ),
    ['GET {m}/fields/f_none', 'PATCH {m}/fields/f_none', 'DELETE {m}/fields/f_none'].map((request) => ({
      request,
      code: 'field_not_found',
    })),
    ['GET {m}/relationships/r_none', 'PATCH {m}/relationships/r_none', 'DELETE {m}/relationships/r_none'].map(
      (request) => ({ request, code: 'relationship_not_found' }),
    ),
    ['GET runs/r_none', 'GET runs/r_none/changes', 'POST runs/r_none/cancel', 'POST runs/r_none/approve'].map(
      (request) => ({ request, code: 'run_not_found' }),
    ),
    [
      { request: 'POST runs/r_none/reject', code: 'run_not_found' },
      { request: 'DELETE connections/{c}/links/none', code: 'link_not_found' },
      { request: 'GET connections/{c}/schema/entities/none/fields', code: 'not_found' },
      { request: 'GET schema/authscape/Order/fields', code: 'not_found' },
      { request: 'POST users/999999/sync', code: 'record_not_found' },
    ],
  )
  .map(({ request, code }) => ({
    name: request,
    request,
    status: 404,
    code,
    ...(bodyOfMissing(request) === undefined ? {} : { body: bodyOfMissing(request) }),
  }));

function bodyOfMissing(request: string): unknown {
  if (request.startsWith('PATCH')) {
    return {};
  }
  if (request.endsWith('/sync') && request.includes('connections')) {
    return { mode: 'full' };
  }
  return request === 'POST connections/c_none/mappings' ? contact : undefined;
}
