import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Audited } from '../application/configuration/apply-configuration.js';
import type { ConfigurationPlan, PlanOptions } from '../application/configuration/plan-configuration.js';
import type { Precondition } from '../application/shared/precondition.js';
import type { ConfiguredConnection, WantedConnection } from '../domain/configuration.js';
import type { RecordAct } from './audit.js';
import { type ConnectionUseCases, connectionBodies } from './connections.js';
import type { Handle } from './endpoint.js';
import { currentActor } from './invocation.js';
import { fieldBody, mappingBody, relationshipBody } from './mapping-schemas.js';
import { entityTag, plainName, readBody, readPrecondition, readQuery, validateQuery } from './request.js';

export interface ConfigurationUseCases {
  readonly export: (connection?: string) => Promise<readonly ConfiguredConnection[]>;
  readonly plan: (document: readonly WantedConnection[], options: PlanOptions) => Promise<ConfigurationPlan>;
  readonly apply: (
    document: readonly WantedConnection[],
    options: PlanOptions,
    precondition: Precondition,
    audited: Audited,
  ) => Promise<ConfigurationPlan>;
}

const MOST_CONNECTIONS = 100;
const MOST_MAPPINGS = 100;
const MOST_PARTS = 200;

export const exportQuery = z.strictObject({ connection: plainName(100).optional() });

export const planQuery = validateQuery.extend({
  prune: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
});

const mapping = mappingBody.omit({ createDefaultFields: true }).extend({
  fields: z.array(fieldBody).max(MOST_PARTS).optional(),
  relationships: z.array(relationshipBody).max(MOST_PARTS).optional(),
});

/** The document. Secrets have no place in it: they are set by `PATCH` of the connection. */
export function configurationBody(faults: ConnectionUseCases['faults']) {
  const {
    clientSecret: _client,
    webhookSecret: _webhook,
    ...settings
  } = connectionBodies(faults).patched.shape;
  const connection = z.strictObject({
    ...settings,
    name: plainName(100),
    mappings: z.array(mapping).max(MOST_MAPPINGS).optional(),
  });
  return z.strictObject({
    version: z.literal(1).default(1),
    connections: z.array(connection).max(MOST_CONNECTIONS),
  });
}

/** The whole configuration as one document: shown, compared, carried out. */
export function configurationHandlers(
  useCases: ConfigurationUseCases,
  deps: { readonly faults: ConnectionUseCases['faults']; readonly record: RecordAct },
) {
  const body = configurationBody(deps.faults);
  return {
    export: async (request: HttpRequest) => {
      const { connection } = readQuery(request, exportQuery);
      return { status: 200, body: { version: 1, connections: await useCases.export(connection) } };
    },

    plan: async (request: HttpRequest) => {
      const options = readQuery(request, planQuery);
      const { connections } = await readBody(request, body);
      const { changes, problems, version } = await useCases.plan(connections, options);
      return { status: 200, headers: { etag: entityTag(version) }, body: { changes, problems } };
    },

    apply: async (request: HttpRequest) => {
      const options = readQuery(request, planQuery);
      const { connections } = await readBody(request, body);
      const audited: Audited = (connectionId, run) =>
        deps.record({ actor: currentActor(), action: 'configuration.apply', connectionId }, run, (id) => ({
          target: `/api/connections/${id}`,
          connectionId: id,
          isMade: connectionId === undefined,
        }));
      const plan = await useCases.apply(connections, options, readPrecondition(request), audited);
      const { changes, problems } = plan;
      return { status: 200, body: { changes, problems }, isAudited: true as const };
    },
  } satisfies Record<string, Handle>;
}
