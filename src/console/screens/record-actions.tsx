import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, client } from '../api/client';
import { mayDo } from '../api/session';
import type { Connection, RecordPage } from '../api/types';
import { Confirm } from '../parts/confirm';
import { words } from '../parts/format';
import { notify } from '../parts/notices';
import { PreviewResults } from './try-it';

interface ActionsProps {
  readonly connection: Connection;
  readonly record: RecordPage;
}

/** "Sync to CRM", by the kind of record. */
const SYNC = {
  User: (userId: string) => client.POST('/api/users/{userId}/sync', { params: { path: { userId } } }),
  Company: (companyId: string) =>
    client.POST('/api/companies/{companyId}/sync', { params: { path: { companyId } } }),
  Location: (locationId: string) =>
    client.POST('/api/locations/{locationId}/sync', { params: { path: { locationId } } }),
};

/** What can be done with one record. */
export function RecordActions({ connection, record }: ActionsProps) {
  const [asked, setAsked] = useState<'unlink' | 'erase'>();
  const sync = useMutation({
    mutationFn: () => SYNC[record.entity](record.authScapeId),
    onSuccess: ({ data: { results } = { results: [] } }) =>
      notify(results.map(({ outcome }) => words(outcome)).join(', ') || 'Nothing to sync.'),
  });
  const preview = api.useMutation('post', '/api/connections/{id}/mappings/{mappingId}/preview');
  const unlink = api.useMutation('delete', '/api/connections/{id}/links/{linkId}', {
    onSuccess: () => notify('The two records are no longer linked.'),
  });
  const free = api.useMutation('delete', '/api/connections/{id}/links/{linkId}', {
    onSuccess: () => notify('The next run may match this record again.'),
  });
  const erase = api.useMutation('post', '/api/connections/{id}/erase', {
    onSuccess: () => notify('The values of this record were erased from this service.'),
  });
  const { authScapeId, link } = record;
  const path = { id: connection.id };
  return (
    <>
      <Stack direction="row" useFlexGap spacing={1} sx={{ flexWrap: 'wrap', mt: 2 }}>
        {mayDo('sync.operate') && (
          <>
            <Button variant="contained" loading={sync.isPending} onClick={() => sync.mutate()}>
              Sync to CRM
            </Button>
            <Button
              variant="outlined"
              loading={preview.isPending}
              onClick={() =>
                preview.mutate({
                  params: { path: { ...path, mappingId: record.mappingId } },
                  body: { authScapeId },
                })
              }
            >
              Preview
            </Button>
            {link?.state === 'linked' && <Button onClick={() => setAsked('unlink')}>Unlink</Button>}
            {link?.state === 'tombstone' && (
              <Button
                loading={free.isPending}
                onClick={() => free.mutate({ params: { path: { ...path, linkId: link.id } } })}
              >
                Let runs match it again
              </Button>
            )}
          </>
        )}
        {mayDo('sync.admin') && (
          <Button color="error" onClick={() => setAsked('erase')}>
            Erase
          </Button>
        )}
      </Stack>
      {link?.state !== 'linked' && mayDo('sync.operate') && (
        <LinkAgain connection={connection} record={record} />
      )}
      {preview.data !== undefined && <PreviewResults results={preview.data.results} />}
      <Confirm
        open={asked !== undefined}
        title={asked === 'erase' ? 'Erase this record’s values?' : 'Unlink the two records?'}
        action={asked === 'erase' ? 'Erase' : 'Unlink'}
        isDangerous
        onClose={() => setAsked(undefined)}
        onConfirm={() => {
          if (asked === 'unlink' && link !== null)
            unlink.mutate({ params: { path: { ...path, linkId: link.id } } });
          if (asked === 'erase')
            erase.mutate({ params: { path }, body: { entity: record.entity, authScapeId } });
        }}
      >
        {asked === 'erase'
          ? 'Values of this person are taken out of the links, logs and dead letters of this service; both systems keep their records. This cannot be undone.'
          : 'Both records stay; they are no longer kept in step until they are linked again.'}
      </Confirm>
    </>
  );
}

function LinkAgain({ connection, record }: ActionsProps) {
  const [crmId, setCrmId] = useState(record.crmId ?? '');
  const link = api.useMutation('post', '/api/connections/{id}/links', {
    onSuccess: () => notify('The two records are linked.'),
  });
  const { authScapeId } = record;
  return (
    <Stack direction="row" spacing={1} sx={{ mt: 2, maxWidth: 560 }}>
      <TextField
        label="Id of the record in Dynamics"
        value={crmId}
        onChange={(event) => setCrmId(event.target.value.trim())}
      />
      <Button
        variant="outlined"
        disabled={crmId === ''}
        loading={link.isPending}
        onClick={() =>
          link.mutate({
            params: { path: { id: connection.id } },
            body: { mappingId: record.mappingId, authScapeId, crmId },
          })
        }
      >
        Link
      </Button>
    </Stack>
  );
}
