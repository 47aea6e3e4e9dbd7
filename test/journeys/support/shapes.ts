import { z } from 'zod';

/** What the journeys read of the product's answers; everything else is left alone. */

export const connectionSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  hasClientSecret: z.boolean(),
  hasWebhookSecret: z.boolean(),
  lastSyncAt: z.string().nullable(),
  lastSyncError: z.object({ code: z.string(), message: z.string() }).nullable(),
});

export const mappingSchema = z.object({
  id: z.string(),
  authScapeEntity: z.enum(['User', 'Company', 'Location']),
  crmEntity: z.string(),
  fields: z.array(
    z.object({
      id: z.string(),
      authScapeField: z.string(),
      crmField: z.string(),
      enabled: z.boolean(),
      transform: z.object({ type: z.string() }).nullish(),
    }),
  ),
  relationships: z.array(
    z.object({
      authScapeField: z.string(),
      relatedEntity: z.string(),
      crmLookupField: z.string(),
      enabled: z.boolean(),
    }),
  ),
});

const sideSchema = z.object({
  created: z.number(),
  updated: z.number(),
  deactivated: z.number(),
  deleted: z.number(),
});

export const runSchema = z.object({
  id: z.string(),
  connectionId: z.string(),
  mode: z.enum(['full', 'incremental']),
  trigger: z.enum(['manual', 'schedule']),
  dryRun: z.boolean(),
  status: z.string(),
  phase: z.string(),
  percent: z.number(),
  counts: z.object({
    read: z.number(),
    created: z.number(),
    updated: z.number(),
    deactivated: z.number(),
    deleted: z.number(),
    linked: z.number(),
    unchanged: z.number(),
    skipped: z.number(),
    conflicts: z.number(),
    failed: z.number(),
  }),
  bySide: z.object({ authScape: sideSchema, dynamics: sideSchema }),
  requests: z.object({ dynamics: z.number(), authScape: z.number(), storage: z.number() }),
  messages: z.array(z.string()),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
});

export const changeSchema = z.object({
  entity: z.string(),
  authScapeId: z.string().nullable(),
  crmId: z.string().nullable(),
  side: z.enum(['authScape', 'dynamics']).nullable(),
  action: z.string(),
  fields: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })),
  outcome: z.string(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

export const logSchema = changeSchema.extend({ at: z.string(), status: z.string() });

export const linkSchema = z.object({
  id: z.string(),
  mappingId: z.string(),
  entity: z.string(),
  authScapeId: z.string(),
  crmEntity: z.string(),
  crmId: z.string(),
  state: z.enum(['linked', 'tombstone']),
});

export const testSchema = z.object({
  ok: z.boolean(),
  steps: z.array(
    z.object({
      name: z.string(),
      ok: z.boolean(),
      durationMs: z.number(),
      code: z.string().optional(),
      detail: z.string().optional(),
      hint: z.string().optional(),
    }),
  ),
  organizationId: z.string().optional(),
  userId: z.string().optional(),
});

export const problemSchema = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string().min(1),
  status: z.number(),
  code: z.string().min(1),
  detail: z.string().min(1),
  hint: z.string().optional(),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string().min(1) })).optional(),
  traceId: z.string().min(1),
});

export type Run = z.infer<typeof runSchema>;
export type Mapping = z.infer<typeof mappingSchema>;
export type Link = z.infer<typeof linkSchema>;
export type Change = z.infer<typeof changeSchema>;

export const listSchema = z.strictObject({ items: z.array(z.unknown()), nextCursor: z.string().optional() });
export const configurationSchema = z.looseObject({
  connections: z.array(z.looseObject({ name: z.string() })),
});
/** A part of a connection or mapping. */
export const partSchema = z.looseObject({ id: z.string() });
