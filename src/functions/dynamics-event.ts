import { z } from 'zod';
import type { RowHint } from '../application/events/receive-events.js';
import { check, readableJson } from './request.js';

const MESSAGES = ['create', 'created', 'update', 'updated', 'modify', 'modified', 'delete', 'deleted'];
/** The word of the flow designer for a new row. */
const ADDED = 'added';
/** How older programs change the state of a row; Dataverse tells of it under these names beside an update. */
const STATE_MESSAGES = ['setstate', 'setstatedynamicentity'];

const guid = z
  .string()
  .trim()
  .regex(/^\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i, 'Must be a GUID.')
  .transform((id) => id.replace(/[{}]/g, '').toLowerCase());

/**
 * The members that Dataverse's own RemoteExecutionContext and the body of a Power Automate flow have in common, and that
 * stay when Dataverse cuts a body over 256 KB. Everything else is ignored.
 */
export const dynamicsEventBody = z.object({
  MessageName: z.string().refine((name) => isKnown(name.trim().toLowerCase()), {
    message: `Must be one of ${MESSAGES.join(', ')}.`,
  }),
  PrimaryEntityName: z.string().trim().min(1).max(128).toLowerCase(),
  PrimaryEntityId: guid,
  // Flows do not send it, or send an empty text.
  OrganizationId: z.preprocess((value) => (value === '' ? undefined : value), guid.nullish()),
});

function isKnown(message: string): boolean {
  return [...MESSAGES, ADDED, ...STATE_MESSAGES].includes(message);
}

/**
 * Which row a notification of Dynamics is about, under any content type. Its values are not taken: the present state is
 * read. Throws `invalid_json`, `invalid_request`.
 */
export function parseDynamicsEvent(text: string): RowHint {
  const event = check(dynamicsEventBody, readableJson(text, 'event'), 'The event is not valid.');
  return {
    table: event.PrimaryEntityName,
    id: event.PrimaryEntityId,
    organizationId: event.OrganizationId ?? null,
  };
}
