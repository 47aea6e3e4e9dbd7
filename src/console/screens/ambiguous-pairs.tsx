import Button from '@mui/material/Button';
import FormControl from '@mui/material/FormControl';
import FormControlLabel from '@mui/material/FormControlLabel';
import FormLabel from '@mui/material/FormLabel';
import Paper from '@mui/material/Paper';
import Radio from '@mui/material/Radio';
import RadioGroup from '@mui/material/RadioGroup';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { api } from '../api/client';
import { mayDo } from '../api/session';
import type { Connection, Duplicates, RecordHit } from '../api/types';
import { ErrorNotice, Loaded } from '../parts/loaded';
import { notify } from '../parts/notices';
import { PreviewResult } from './try-it';

type Group = Duplicates['items'][number];

/** The candidates of each ambiguous group side by side; a person picks the two that belong together. */
export function AmbiguousPairs({ connection }: { readonly connection: Connection }) {
  const query = api.useQuery(
    'get',
    '/api/connections/{id}/duplicates',
    { params: { path: { id: connection.id } } },
    { staleTime: 60_000 },
  );
  return (
    <Loaded query={query}>
      {({ items }) => (
        <Stack spacing={2} sx={{ mb: 2 }}>
          {items
            .filter(({ authScapeIds, crmIds }) => authScapeIds.length > 0 && crmIds.length > 0)
            .map((group) => (
              <Candidates
                key={`${group.mappingId} ${group.key.join(' ')}`}
                connection={connection}
                group={group}
              />
            ))}
        </Stack>
      )}
    </Loaded>
  );
}

function Candidates({ connection, group }: { readonly connection: Connection; readonly group: Group }) {
  const [authScapeId, setAuthScapeId] = useState(
    group.authScapeIds.length === 1 ? group.authScapeIds[0] : undefined,
  );
  const [crmId, setCrmId] = useState(group.crmIds.length === 1 ? group.crmIds[0] : undefined);
  const link = api.useMutation('post', '/api/connections/{id}/links', {
    meta: { showsErrors: true },
    onSuccess: () => notify('The two records are linked.'),
  });
  const preview = api.useMutation('post', '/api/connections/{id}/links', { meta: { showsErrors: true } });
  const found = api.useQuery(
    'get',
    '/api/connections/{id}/records',
    {
      params: {
        path: { id: connection.id },
        query: { search: group.key.find((part) => part !== null) ?? '', entity: group.entity },
      },
    },
    { enabled: group.key.some((part) => part !== null && part.length > 1), staleTime: 60_000 },
  );
  const hits = found.data?.items ?? [];
  const isChosen = authScapeId !== undefined && crmId !== undefined;
  const path = { id: connection.id };
  const body = { mappingId: group.mappingId, authScapeId: authScapeId ?? '', crmId: crmId ?? '' };
  return (
    <Paper component="section" sx={{ p: 2 }} aria-label={`Candidates for ${group.key.join(', ')}`}>
      <Typography variant="subtitle1" component="h3">
        {group.entity}: {group.key.map((part) => part ?? '(empty)').join(', ')}
      </Typography>
      <Stack direction={{ xs: 'column', sm: 'row' }} spacing={4} sx={{ my: 1 }}>
        <Side
          label="AuthScape"
          ids={group.authScapeIds}
          nameOf={(id) => labelOf(hits.find((hit) => hit.authScapeId === id)?.authScape)}
          value={authScapeId}
          onPick={setAuthScapeId}
        />
        <Side
          label={`Dynamics (${group.crmEntity})`}
          ids={group.crmIds}
          nameOf={(id) => labelOf(hits.find((hit) => hit.crmId === id)?.dynamics)}
          value={crmId}
          onPick={setCrmId}
        />
      </Stack>
      <ErrorNotice error={link.error ?? preview.error} />
      {mayDo('sync.operate') && (
        <Stack direction="row" spacing={1}>
          <Button
            variant="outlined"
            disabled={!isChosen}
            loading={preview.isPending}
            onClick={() => preview.mutate({ params: { path, query: { preview: 'true' } }, body })}
          >
            Preview
          </Button>
          <Button
            variant="contained"
            disabled={!isChosen}
            loading={link.isPending}
            onClick={() => link.mutate({ params: { path }, body })}
          >
            Link these two
          </Button>
        </Stack>
      )}
      {preview.data !== undefined && <PreviewResult result={preview.data} />}
    </Paper>
  );
}

function labelOf(record: RecordHit['dynamics'] | undefined): string {
  return record ? [record.name, record.email].filter(Boolean).join(', ') : '';
}

interface SideProps {
  readonly label: string;
  readonly ids: readonly string[];
  /** Empty as long as it is not known. */
  readonly nameOf: (id: string) => string;
  readonly value: string | undefined;
  readonly onPick: (id: string) => void;
}

function Side({ label, ids, nameOf, value, onPick }: SideProps) {
  return (
    <FormControl>
      <FormLabel>{label}</FormLabel>
      <RadioGroup aria-label={label} value={value ?? ''} onChange={(event) => onPick(event.target.value)}>
        {ids.map((id) => (
          <FormControlLabel
            key={id}
            value={id}
            control={<Radio size="small" />}
            label={<Candidate id={id} name={nameOf(id)} />}
          />
        ))}
      </RadioGroup>
    </FormControl>
  );
}

function Candidate({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    <>
      {/* Keeps its line, so that a name that arrives moves no candidate from under the pointer. */}
      {name === '' ? '\u00a0' : name}
      <Typography variant="caption" component="div" color="textSecondary" sx={{ overflowWrap: 'anywhere' }}>
        {id}
      </Typography>
    </>
  );
}
