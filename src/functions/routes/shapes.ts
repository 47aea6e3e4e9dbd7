import { z } from 'zod';
import { ERROR_CODES } from '../../domain/errors.js';

/** Parts of answers that several routes share. */

export const time = z.iso.datetime();
export const entity = z.enum(['User', 'Company', 'Location']);
export const direction = z.enum(['Bidirectional', 'Inbound', 'Outbound']);
export const side = z.enum(['authScape', 'dynamics']);

export const fault = z
  .object({ path: z.string(), message: z.string() })
  .meta({ id: 'Fault', description: 'One fault of a request; `path` in dotted form.' });

/** The problem document (RFC 9457) of every error. */
export const problemAnswer = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    code: z.enum(ERROR_CODES),
    detail: z.string(),
    hint: z.string().optional(),
    errors: z.array(fault).optional(),
    traceId: z.string(),
  })
  .meta({
    id: 'Problem',
    description: 'RFC 9457 problem document. `code` is stable; `hint` says what a person should check next.',
  });

export function page(item: z.ZodType) {
  return z.object({ items: z.array(item), nextCursor: z.string().optional() });
}

/** Why something failed, as shown beside a run or a record. */
export const failure = z
  .object({ code: z.string(), message: z.string(), hint: z.string().optional() })
  .meta({ id: 'Failure' });

/** A value of a field as it stands in the log. */
export const fieldValue = z.unknown();

const fieldChange = z
  .object({
    field: z.string(),
    from: fieldValue,
    to: fieldValue,
    rule: z.string(),
    dropped: fieldValue.optional(),
    winner: side.optional(),
    estimated: z.boolean().optional(),
    withheld: z.boolean().optional(),
  })
  .meta({
    id: 'FieldChange',
    description:
      'What was written to one field, and which rule decided it; `withheld`: its values are not kept.',
  });

export const outcome = z.enum([
  'created',
  'updated',
  'unchanged',
  'linked',
  'deactivated',
  'deleted',
  'skipped',
  'conflict',
  'failed',
]);

const changeShape = {
  mappingId: z.string(),
  entity,
  authScapeId: z.string().nullable(),
  crmEntity: z.string(),
  crmId: z.string().nullable(),
  side: side.nullable(),
  action: z.enum(['create', 'update', 'link', 'deactivate', 'delete', 'unlink', 'none']),
  fields: z.array(fieldChange),
  outcome,
  error: z.object({ code: z.string(), message: z.string(), field: z.string().optional() }).optional(),
};

export const changeAnswer = z
  .object(changeShape)
  .meta({ id: 'Change', description: 'What was (in a dry run: would be) written to one side of one pair.' });

export const runChangeAnswer = z.object({ id: z.string(), at: time, ...changeShape }).meta({
  id: 'RunChange',
  description: 'A change in the list of its run; decisions name held ones by `id`.',
});

export const logAnswer = z
  .object({
    id: z.string(),
    at: time,
    status: z.enum(['success', 'conflict', 'skipped', 'failed', 'held']),
    trigger: z.enum(['run', 'event', 'record']),
    runId: z.string().nullable(),
    ...changeShape,
  })
  .meta({ id: 'LogEntry', description: 'One entry of the log of single records.' });

export const linkAnswer = z
  .object({
    id: z.string(),
    mappingId: z.string(),
    entity,
    authScapeId: z.string(),
    crmEntity: z.string(),
    crmId: z.string(),
    state: z.enum(['linked', 'tombstone']),
    createdAt: time,
    lastSyncedAt: time.nullable(),
  })
  .meta({ id: 'Link', description: 'Which record of AuthScape belongs to which row of Dynamics.' });
