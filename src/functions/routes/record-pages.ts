import { z } from 'zod';
import { linkBody, linkQuery, type recordPageHandlers, recordQuery, searchQuery } from '../record-pages.js';
import { deadLetter } from './dead-letters.js';
import { BOTH_SIDES_ERRORS, CREATION_ERRORS, type RoutesOf } from './route.js';
import { changeAnswer, entity, fieldValue, linkAnswer, logAnswer, outcome, side, time } from './shapes.js';

const reason = z.object({ code: z.string(), message: z.string() });

const field = z.object({
  id: z.string(),
  authScapeField: z.string(),
  crmField: z.string(),
  direction: z.enum(['Bidirectional', 'Inbound', 'Outbound', 'none']),
  authScape: fieldValue,
  dynamics: fieldValue,
  unread: z.array(side),
  base: z.object({ authScape: fieldValue, dynamics: fieldValue }).nullable(),
  differs: z.boolean().nullable(),
  changed: z.array(side),
  lastChange: z
    .object({
      at: time,
      side: side.nullable(),
      rule: z.string(),
      from: fieldValue,
      to: fieldValue,
      runId: z.string().nullable(),
      withheld: z.boolean().optional(),
    })
    .nullable(),
});

const recordPage = z
  .object({
    entity,
    authScapeId: z.string(),
    crmEntity: z.string(),
    crmId: z.string().nullable(),
    mappingId: z.string(),
    mappingIds: z.array(z.string()),
    link: linkAnswer
      .extend({ clean: z.boolean(), tombstone: z.record(z.string(), z.unknown()).nullable() })
      .meta({ id: 'LinkDetail' })
      .nullable(),
    authScape: z.object({ active: z.boolean(), readAt: time }).nullable(),
    dynamics: z
      .object({
        active: z.boolean(),
        modifiedOn: z.string().nullable(),
        mergedInto: z.string().nullable(),
        readAt: time,
      })
      .nullable(),
    unavailable: reason.nullable(),
    fields: z.array(field),
    log: z.array(logAnswer),
    failures: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(['failed', 'ambiguous', 'skipped']),
        ...reason.shape,
        field: z.string().nullable(),
        since: time,
        lastSeenAt: time,
        attempts: z.int(),
        runId: z.string().nullable(),
      }),
    ),
    marks: z.array(z.object({ reason: z.string(), attempts: z.int(), notBefore: time })),
    held: z.array(z.object({ id: z.string(), category: z.string(), runId: z.string(), heldAt: time })),
    deadLetters: z.array(deadLetter),
  })
  .meta({ id: 'RecordPage', description: 'Everything that is known of one record: why it has its values.' });

const label = z.object({ name: z.string().nullable(), email: z.string().nullable(), active: z.boolean() });

const foundRecords = z
  .object({
    items: z.array(
      z.object({
        mappingId: z.string(),
        entity,
        crmEntity: z.string(),
        authScapeId: z.string().nullable(),
        crmId: z.string().nullable(),
        authScape: label.nullable(),
        dynamics: label.nullable(),
        link: linkAnswer.nullable(),
      }),
    ),
    truncated: z.boolean(),
  })
  .meta({ id: 'FoundRecords', description: 'Records of both sides, a linked pair as one.' });

const merged = { outcome, changes: z.array(changeAnswer), error: reason.optional() };
const linked = linkAnswer.extend(merged).meta({ id: 'LinkedByHand' });
const preview = linkAnswer
  .omit({ id: true, state: true, createdAt: true, lastSyncedAt: true })
  .extend(merged)
  .meta({ id: 'LinkPreview' });

const pair = {
  mappingId: 'm_4k1x0c2v7b',
  entity: 'User',
  authScapeId: '17',
  crmEntity: 'contact',
  crmId: '6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11',
};
const link = {
  id: 'l_bV80azF4MGMydjdifDE3',
  ...pair,
  state: 'linked',
  createdAt: '2026-11-28T08:00:00.000Z',
  lastSyncedAt: '2026-11-29T08:00:00.000Z',
};
const person = { name: 'Ann Moe', email: 'ann@contoso.com', active: true };
const group = 'Records';

export const recordPageRoutes: RoutesOf<ReturnType<typeof recordPageHandlers>> = {
  view: {
    name: 'recordsView',
    method: 'GET',
    path: 'connections/{id}/records/{entity}/{authScapeId}',
    role: 'sync.read',
    group,
    summary: 'Show everything that is known of one record; reads both systems',
    query: recordQuery,
    answers: {
      200: {
        description: 'The page of the record.',
        schema: recordPage,
        example: {
          ...pair,
          mappingIds: [pair.mappingId],
          link: { ...link, clean: true, tombstone: null },
          authScape: { active: true, readAt: '2026-11-29T08:05:00.000Z' },
          dynamics: {
            active: true,
            modifiedOn: '2026-11-29T07:59:00Z',
            mergedInto: null,
            readAt: '2026-11-29T08:05:00.000Z',
          },
          unavailable: null,
          fields: [],
          log: [],
          failures: [],
          marks: [],
          held: [],
          deadLetters: [],
        },
      },
    },
    errors: ['connection_not_found', 'mapping_not_found', 'record_not_found'],
  },
  search: {
    name: 'recordsSearch',
    method: 'GET',
    path: 'connections/{id}/records',
    role: 'sync.read',
    group,
    summary: 'Find records of both sides by name, e-mail or id; reads both systems',
    query: searchQuery,
    answers: {
      200: {
        description: 'At most fifty records.',
        schema: foundRecords,
        example: { items: [{ ...pair, authScape: person, dynamics: person, link }], truncated: false },
      },
    },
    errors: ['connection_not_found', ...BOTH_SIDES_ERRORS],
  },
  link: {
    name: 'linksCreate',
    method: 'POST',
    path: 'connections/{id}/links',
    role: 'sync.operate',
    group,
    audit: 'link.create',
    summary: 'Link two records by hand and merge them for the first time',
    query: linkQuery,
    headers: ['Idempotency-Key'],
    body: { schema: linkBody, example: { mappingId: pair.mappingId, authScapeId: '17', crmId: pair.crmId } },
    answers: {
      200: {
        description: 'What linking would write; nothing was done.',
        schema: preview,
        example: { ...pair, outcome: 'linked', changes: [] },
      },
      201: {
        description: 'The records are linked.',
        headers: ['Location'],
        schema: linked,
        example: { ...link, outcome: 'linked', changes: [] },
      },
    },
    errors: [
      'connection_not_found',
      'connection_disabled',
      'mapping_not_found',
      'record_not_found',
      'record_already_linked',
      'link_not_allowed',
      ...CREATION_ERRORS,
      ...BOTH_SIDES_ERRORS,
    ],
  },
};
