import { api } from '../api/client';
import type { ProblemItem, RecordPage } from '../api/types';
import { RecordLink } from './record-link';

/** Fields that people recognize a record by. */
const NAMES = ['firstName', 'lastName', 'title', 'email'];

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

function nameOf(record: RecordPage, side: 'authScape' | 'dynamics'): string {
  if (record[side] === null) return 'gone';
  const values = record.fields
    .filter(({ authScapeField }) => NAMES.includes(authScapeField))
    .map((field) => field[side])
    .filter((value) => typeof value === 'string' && value !== '');
  return values.length === 0 ? 'no name' : values.join(' ');
}
