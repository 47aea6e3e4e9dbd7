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

const contact = { authScapeEntity: 'User', crmEntity: 'contact' };
const connection = { name: 'Another', provider: 'Dynamics365' };
const big = 'x'.repeat(1_100_000);

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

/** Requests that are refused for what they say. */
export const refused: RouteCase[] = [
  {
    name: 'every fault of a connection at once',
    request: 'POST connections',
    body: { provider: 'Salesforce', direction: 'Sideways', secret: 'x', massDeleteGuard: { count: 1 } },
    status: 400,
    code: 'invalid_request',
    faults: ['name', 'provider', 'direction', 'massDeleteGuard.percent', 'secret'],
  },
  ...[
    'https://contoso.crm.dynamics.com',
    'contoso.crm.dynamics.com/main',
    'contoso.crm.dynamics.com:443',
    'evil.example',
  ].map((environment) => ({
    name: `${environment} as environment`,
    request: 'POST connections',
    body: { ...connection, environment },
    status: 400,
    code: 'invalid_request',
    faults: ['environment'],
  })),
  {
    name: 'numbers out of range and a schedule that is none',
    request: 'PATCH connections/{c}',
    body: { syncIntervalMinutes: 0, fullSyncSchedule: 'each day' },
    status: 400,
    code: 'invalid_request',
    faults: ['syncIntervalMinutes', 'fullSyncSchedule'],
  },
  {
    name: 'a name that is taken',
    request: 'POST connections',
    body: { ...connection, name: 'JOURNEY' },
    status: 409,
    code: 'connection_name_taken',
  },
  { name: 'half a body', request: 'POST connections', body: '{"name":', status: 400, code: 'invalid_json' },
  {
    name: 'a body over 1 MiB',
    request: 'POST connections',
    body: { ...connection, name: big },
    status: 413,
    code: 'payload_too_large',
  },
  {
    name: 'a body of another type',
    request: 'POST connections',
    body: 'name=x',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    code: 'unsupported_media_type',
  },
  ...[
    'PATCH connections/{c}',
    'PATCH {m}',
    'PATCH {m}/fields/{f}',
    'DELETE connections/{c}',
    'DELETE {m}',
  ].map((request) => ({
    name: `a stale If-Match, ${request}`,
    request,
    ...(request.startsWith('PATCH') ? { body: { enabled: true } } : {}),
    headers: { 'if-match': '"stale"' },
    status: 412,
    code: 'precondition_failed',
  })),
  {
    name: 'a mapping with a wrong entity, a wrong column name and an unknown property',
    request: 'POST connections/{c}/mappings',
    body: { authScapeEntity: 'Order', crmEntity: 'not a name', fields: [] },
    status: 400,
    code: 'invalid_request',
    faults: ['authScapeEntity', 'crmEntity', 'fields'],
  },
  {
    name: 'a mapping of the same pair again',
    request: 'POST connections/{c}/mappings',
    body: contact,
    status: 422,
    code: 'mapping_invalid',
  },
  {
    name: 'a table that another connection maps',
    request: 'POST connections/{other}/mappings',
    body: contact,
    status: 409,
    code: 'table_already_mapped',
  },
  {
    name: 'a table that there is not',
    request: 'POST connections/{c}/mappings',
    body: { authScapeEntity: 'Company', crmEntity: 'new_nothing' },
    status: 422,
    code: 'mapping_invalid',
    faults: ['crmEntity'],
  },
  {
    name: 'fields that do not fit, all of them',
    request: 'PUT {m}/fields',
    body: {
      fields: [
        { authScapeField: 'firstName', crmField: 'nocolumn' },
        { authScapeField: 'shoeSize', crmField: 'lastname' },
        { authScapeField: 'phoneNumber', crmField: 'transactioncurrencyid' },
        { authScapeField: 'isActive', crmField: 'createdon' },
      ],
    },
    status: 422,
    code: 'mapping_invalid',
    faults: [
      'fields[0].crmField',
      'fields[1].authScapeField',
      'fields[2].crmField',
      'fields[3]',
      'fields[3].direction',
    ],
  },
  {
    name: 'a transform that there is not',
    request: 'PATCH {m}/fields/{f}',
    body: { transform: { type: 'rot13' } },
    status: 400,
    code: 'invalid_request',
    faults: ['transform.type'],
  },
  {
    name: 'a sync of a mode that there is not, of a mapping that there is not by type',
    request: 'POST connections/{c}/sync',
    body: { mode: 'partial', dryRun: 'yes', mappingIds: [1] },
    status: 400,
    code: 'invalid_request',
    faults: ['mode', 'dryRun', 'mappingIds[0]'],
  },
  {
    name: 'a sync of an unknown mapping',
    request: 'POST connections/{c}/sync',
    body: { mode: 'full', mappingIds: ['m_none'] },
    status: 400,
    code: 'invalid_request',
    faults: ['mappingIds[0]'],
  },
  {
    name: 'a sync without any mapping',
    request: 'POST connections/{other}/sync',
    body: { mode: 'full' },
    status: 422,
    code: 'no_enabled_mappings',
  },
  {
    name: 'an approval where nothing waits',
    request: 'POST runs/{run}/approve',
    status: 409,
    code: 'run_not_waiting',
  },
  ...['limit=0', 'limit=501', 'limit=ten', 'limits=5'].map((query) => ({
    name: `a list with ?${query}`,
    request: `GET connections/{c}/links?${query}`,
    status: 400,
    code: 'invalid_request',
    faults: [query.split('=')[0] ?? ''],
  })),
  {
    name: 'filters of the log that are none',
    request: 'GET connections/{c}/logs?status=odd&since=yesterday&entity=Order',
    status: 400,
    code: 'invalid_request',
    faults: ['status', 'since', 'entity'],
  },
  {
    name: 'events of AuthScape with every fault',
    request: 'POST authscape/events',
    body: { events: [{ entity: 'Order', id: '', change: 'moved' }] },
    status: 400,
    code: 'invalid_request',
    faults: ['events[0].entity', 'events[0].id', 'events[0].change'],
  },
  {
    name: 'a configuration with a secret, a setting out of range and a part of another shape',
    request: 'PUT configuration',
    body: { connections: [{ name: 'X', clientSecret: 'x', syncIntervalMinutes: 0, mappings: {} }] },
    status: 400,
    code: 'invalid_request',
    faults: ['connections[0].clientSecret', 'connections[0].syncIntervalMinutes', 'connections[0].mappings'],
  },
  {
    name: 'a configuration that does not fit',
    request: 'PUT configuration',
    body: {
      connections: [
        {
          name: 'Journey',
          mappings: [
            { authScapeEntity: 'User', crmEntity: 'contact', filter: 'nocolumn eq 1' },
            { authScapeEntity: 'User', crmEntity: 'nothing' },
          ],
        },
      ],
    },
    status: 422,
    code: 'configuration_invalid',
    faults: [
      'connections[Journey].mappings[User:contact].filter',
      'connections[Journey].mappings[User:nothing].crmEntity',
    ],
  },
  {
    name: 'a configuration whose plan is another one by now',
    request: 'PUT configuration',
    body: { connections: [{ name: 'Journey', enabled: true }] },
    headers: { 'if-match': '"stale"' },
    status: 412,
    code: 'precondition_failed',
  },
  {
    name: 'an erasure that names no record',
    request: 'POST connections/{c}/erase',
    body: { entity: 'User' },
    status: 400,
    code: 'invalid_request',
    faults: [''],
  },
  {
    name: 'a query where there is none to take',
    request: 'GET connections/{c}?fields=name',
    status: 400,
    code: 'invalid_request',
    faults: ['fields'],
  },
  {
    name: 'a body where there is none to take',
    request: 'POST users/{user}/sync',
    body: { dryRun: true },
    status: 400,
    code: 'invalid_request',
    faults: ['dryRun'],
  },
  {
    name: 'a row whose id is no GUID',
    request: 'POST connections/{c}/records/contact/17/sync',
    status: 400,
    code: 'invalid_request',
    faults: ['crmId'],
  },
];
