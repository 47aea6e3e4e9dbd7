import { z } from 'zod';
import type { OneRecordResult, PreviewTarget } from '../application/records/sync-one-record.js';
import type { AuthScapeEntity } from '../domain/model.js';
import type { Answer, Handle } from './endpoint.js';
import { connectionOf, mappingOf } from './mappings.js';
import { bare, withoutQuery } from './reject-input.js';
import { check, readBody, recordId, routeParameter } from './request.js';
import { changeJson } from './runs.js';

export interface RecordUseCases {
  readonly authScape: (entity: AuthScapeEntity, id: string) => Promise<readonly OneRecordResult[]>;
  readonly dynamics: (
    connectionId: string,
    table: string,
    crmId: string,
  ) => Promise<readonly OneRecordResult[]>;
  readonly preview: (
    connectionId: string,
    mappingId: string,
    target: PreviewTarget,
  ) => Promise<readonly OneRecordResult[]>;
}

export const guid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'Must be a GUID.');
const rowAddress = z.strictObject({ crmId: guid });
/** Names one record, on either side. */
export const previewBody = z
  .strictObject({ authScapeId: recordId.optional(), crmId: guid.optional() })
  .refine(({ authScapeId, crmId }) => (authScapeId === undefined) !== (crmId === undefined), {
    message: 'Name the record by authScapeId or by crmId, not by both.',
  });

/** Syncing one record at once, and looking at what that would do. */
export function recordHandlers(useCases: RecordUseCases) {
  const authScape = (entity: AuthScapeEntity, parameter: string) =>
    bare(async (request) => answer(await useCases.authScape(entity, routeParameter(request, parameter))));
  return {
    user: authScape('User', 'userId'),
    company: authScape('Company', 'companyId'),
    location: authScape('Location', 'locationId'),

    dynamics: bare(async (request) => {
      const { crmId } = check(
        rowAddress,
        { crmId: routeParameter(request, 'crmId') },
        'The address is not valid.',
      );
      return answer(
        await useCases.dynamics(connectionOf(request), routeParameter(request, 'crmEntity'), crmId),
      );
    }),

    preview: withoutQuery(async (request) => {
      const { authScapeId, crmId } = await readBody(request, previewBody);
      const target = authScapeId === undefined ? { crmId: crmId ?? '' } : { authScapeId };
      return answer(await useCases.preview(connectionOf(request), mappingOf(request), target));
    }),
  } satisfies Record<string, Handle>;
}

function answer(results: readonly OneRecordResult[]): Answer {
  return {
    status: 200,
    body: {
      results: results.map(({ changes, crmId, error, ...result }) => ({
        ...result,
        ...(crmId === null ? {} : { crmId }),
        changes: changes.map(changeJson),
        ...(error === null ? {} : { error }),
      })),
    },
  };
}
