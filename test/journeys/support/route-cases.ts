import { allRoutes } from '../../../src/functions/routes/table.js';

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
export const keyedRoutes = allRoutes()
  .filter(({ role }) => role !== null)
  .map(({ method, path }) => `${method} ${path}`);

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
    [
      'GET runs/r_none',
      'GET runs/r_none/changes',
      'POST runs/r_none/cancel',
      'POST runs/r_none/approve',
      'POST runs/r_none/take-back',
    ].map((request) => ({ request, code: 'run_not_found' })),
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

export const relationship = {
  authScapeField: 'companyId',
  relatedEntity: 'Company',
  crmLookupField: 'parentcustomerid',
  crmRelatedEntity: 'account',
};
