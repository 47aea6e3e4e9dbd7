import { api } from '../api/client';
import type { ProblemItem } from '../api/types';
import { RecordLink } from './record-link';
import { nameOf } from './record-name';

interface HeldRecordProps {
  readonly connectionId: string;
  readonly item: ProblemItem;
}

/** A record of the list, with its name on both sides as far as it still has one there. */
export function HeldRecord({ connectionId, item }: HeldRecordProps) {
  const { entity, authScapeId, mappingId } = item;
  const isKnown = typeof entity === 'string' && typeof authScapeId === 'string';
  const record = api.useQuery(
    'get',
    '/api/connections/{id}/records/{entity}/{authScapeId}',
    {
      params: {
        path: { id: connectionId, entity: entity ?? '', authScapeId: authScapeId ?? '' },
        query: mappingId === undefined ? {} : { mappingId },
      },
    },
    { enabled: isKnown, staleTime: 60_000 },
  );
  return (
    <>
      <RecordLink connectionId={connectionId} item={item} />
      {record.data !== undefined && (
        <span>
          {' '}
          AuthScape: {nameOf(record.data, 'authScape')} · Dynamics: {nameOf(record.data, 'dynamics')}
        </span>
      )}
    </>
  );
}
