import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { ConnectionInput, ConnectionView } from '../application/connections/manage-connections.js';
import type { ConnectionTest } from '../application/connections/test-connection.js';
import type { Page } from '../application/ports/stores.js';
import type { Precondition } from '../application/shared/precondition.js';
import type { Fault } from '../domain/errors.js';
import { connectionMessages } from '../domain/missed-events.js';
import { LOG_VALUES } from '../domain/model.js';
import type { Answer, Handle } from './endpoint.js';
import { type CreationDeps, creation } from './idempotency.js';
import { listAnswer, listQuery } from './listing.js';
import { bare, withoutQuery } from './reject-input.js';
import { entityTag, plainName, readBody, readPrecondition, readQuery, routeParameter } from './request.js';

export interface ConnectionUseCases {
  /** What else is wrong with the settings, for bodies whose other members are wrong as well. */
  readonly faults: (input: ConnectionInput) => readonly Fault[];
  readonly create: (input: ConnectionInput & { readonly name: string }) => Promise<ConnectionView>;
  readonly get: (id: string) => Promise<ConnectionView>;
  readonly list: (limit: number, cursor?: string) => Promise<Page<ConnectionView>>;
  readonly patch: (
    id: string,
    input: ConnectionInput,
    precondition?: Precondition,
  ) => Promise<ConnectionView>;
  readonly remove: (id: string, precondition?: Precondition) => Promise<void>;
  readonly test: (id: string) => Promise<ConnectionTest>;
}

/** Entra ids: GUIDs, or a domain for the tenant. */
const entraId = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, 'Must be an id (GUID) or a domain as Entra ID shows it.');

const webhookSecret = z
  .string()
  .regex(/^[\x21-\x7e]{16,512}$/, 'Must be 16 to 512 printable ASCII characters without spaces.');

const credentialShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('clientSecret') }),
  z.strictObject({
    kind: z.literal('certificate'),
    name: z.string().regex(/^[0-9a-zA-Z-]{1,127}$/, 'Must be the name of a certificate in Key Vault.'),
  }),
  z.strictObject({ kind: z.literal('managedIdentity') }),
]);

const guard = z.strictObject({ count: z.number(), percent: z.number() });
const name = plainName(100);
const provider = z.literal('Dynamics365');

/** The bodies. Rules that need more than the shape are asked member by member, so that one answer names all faults. */
export function connectionBodies(faults: ConnectionUseCases['faults']) {
  const rule =
    <K extends keyof ConnectionInput>(member: K) =>
    (value: ConnectionInput[K], context: z.RefinementCtx) => {
      for (const { path, message } of faults({ [member]: value })) {
        context.addIssue({ code: 'custom', message, path: path.split('.').slice(1) });
      }
    };
  const settings = z
    .object({
      environment: z.string().max(500).superRefine(rule('environment')),
      tenantId: entraId.nullable(),
      clientId: entraId.nullable(),
      clientSecret: z.string().min(1).max(4096).nullable(),
      credential: credentialShape,
      credentialExpiresAt: z.iso.datetime().nullable(),
      webhookSecret,
      direction: z.enum(['Bidirectional', 'Inbound', 'Outbound']),
      enabled: z.boolean(),
      syncIntervalMinutes: z.number().superRefine(rule('syncIntervalMinutes')),
      fullSyncSchedule: z.string().max(200).nullable().superRefine(rule('fullSyncSchedule')),
      conflictPolicy: z.enum(['lastWriteWins', 'dynamicsWins', 'authScapeWins']),
      deletePolicy: z.enum(['deactivate', 'delete', 'unlink', 'ignore']),
      massDeleteGuard: guard.nullable().superRefine(rule('massDeleteGuard')),
      logValues: z.enum(LOG_VALUES),
    })
    .partial().shape;
  return {
    created: z.strictObject({ name, provider, ...settings }),
    patched: z.strictObject({ name: name.optional(), provider: provider.optional(), ...settings }),
  };
}

/** The HTTP side of connections. */
export function connectionHandlers(useCases: ConnectionUseCases, deps: CreationDeps) {
  const { created, patched } = connectionBodies(useCases.faults);
  return {
    create: withoutQuery(
      creation(deps)(created, async (body) => {
        const view = await useCases.create(body);
        return one(view, 201, { location: `/api/connections/${view.connection.id}` });
      }),
    ),

    list: async (request: HttpRequest) => {
      const { limit, cursor } = readQuery(request, listQuery);
      const page = await useCases.list(limit, cursor);
      return listAnswer({ items: page.items.map(connectionJson), nextCursor: page.nextCursor });
    },

    get: bare(async (request) => one(await useCases.get(routeParameter(request, 'id')), 200)),

    patch: withoutQuery(async (request) => {
      const id = routeParameter(request, 'id');
      const body = await readBody(request, patched);
      return one(await useCases.patch(id, body, readPrecondition(request)), 200);
    }),

    remove: bare(async (request) => {
      await useCases.remove(routeParameter(request, 'id'), readPrecondition(request));
      return { status: 204 };
    }),

    test: bare(async (request) => {
      const result = await useCases.test(routeParameter(request, 'id'));
      return { status: 200, body: { ok: result.ok, steps: result.steps, ...result.identity } };
    }),
  } satisfies Record<string, Handle>;
}

function one(view: ConnectionView, status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers: { etag: entityTag(view.etag), ...headers }, body: connectionJson(view) };
}

/** A connection as callers see it: of secrets only whether there is one. */
function connectionJson({ connection, state }: ConnectionView) {
  return {
    id: connection.id,
    name: connection.name,
    provider: connection.provider,
    environment: connection.environment,
    tenantId: connection.tenantId,
    clientId: connection.clientId,
    hasClientSecret: connection.clientSecret !== null,
    credential: connection.credential ?? { kind: 'clientSecret' },
    credentialExpiresAt: connection.credentialExpiresAt ?? null,
    direction: connection.direction,
    enabled: connection.enabled,
    syncIntervalMinutes: connection.syncIntervalMinutes,
    fullSyncSchedule: connection.fullSyncSchedule,
    conflictPolicy: connection.conflictPolicy,
    deletePolicy: connection.deletePolicy,
    massDeleteGuard: connection.massDeleteGuard,
    logValues: connection.logValues,
    hasWebhookSecret: connection.webhookSecret !== null,
    lastSyncAt: state.lastSyncAt,
    firstFullSyncAt: state.firstFullSyncAt,
    alertsTo: state.alertsTo ?? null,
    lastSyncError: state.lastSyncError,
    messages: connectionMessages(state),
    createdAt: connection.createdAt,
    updatedAt: connection.updatedAt,
  };
}
