import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import Link from '@mui/material/Link';
import Stack from '@mui/material/Stack';
import Switch from '@mui/material/Switch';
import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { Link as RouterLink, useNavigate, useParams } from 'react-router';
import { api } from '../api/client';
import { mayDo } from '../api/session';
import type { Column, EntityField, Mapping } from '../api/types';
import { Confirm } from '../parts/confirm';
import { ErrorNotice, Loaded } from '../parts/loaded';
import { notify } from '../parts/notices';
import { Section } from '../parts/small';
import { useConnection } from './connection';
import { DirectionSelect } from './direction';
import { FieldEditor } from './field-editor';
import { filterFault } from './mapping-fit';
import { Relationships } from './relationships';
import { TryIt } from './try-it';

export interface Schemas {
  readonly fields: readonly EntityField[];
  readonly columns: readonly Column[];
}

/** One entity mapping: its fields side by side, relationships, filter, and a try on one record. */
export function MappingScreen() {
  const { id } = useConnection();
  const { mappingId = '' } = useParams();
  const query = api.useQuery('get', '/api/connections/{id}/mappings/{mappingId}', {
    params: { path: { id, mappingId } },
  });
  return (
    <>
      <Link component={RouterLink} to={`/connections/${id}/mappings`} variant="body2">
        All mappings
      </Link>
      <Loaded query={query} rows={8}>
        {(mapping) => <Parts key={mapping.id} mapping={mapping} />}
      </Loaded>
    </>
  );
}

function Parts({ mapping }: { readonly mapping: Mapping }) {
  const limit = 500;
  const stale = { staleTime: 300_000 };
  const columns = api.useQuery(
    'get',
    '/api/connections/{id}/schema/entities/{logicalName}/fields',
    { params: { path: { id: mapping.connectionId, logicalName: mapping.crmEntity }, query: { limit } } },
    stale,
  );
  const fields = api.useQuery(
    'get',
    '/api/schema/authscape/{entity}/fields',
    { params: { path: { entity: mapping.authScapeEntity }, query: { limit } } },
    stale,
  );
  return (
    <Stack spacing={2} sx={{ mt: 1 }}>
      <Loaded query={columns} rows={6}>
        {({ items }) => (
          <Loaded query={fields} rows={6}>
            {(known) => {
              const schemas = { fields: known.items, columns: items };
              return (
                <>
                  <FieldEditor key={mapping.updatedAt} mapping={mapping} schemas={schemas} />
                  <Relationships mapping={mapping} schemas={schemas} />
                  <TryIt mapping={mapping} />
                  <MappingSettings
                    key={`settings ${mapping.updatedAt}`}
                    mapping={mapping}
                    schemas={schemas}
                  />
                </>
              );
            }}
          </Loaded>
        )}
      </Loaded>
    </Stack>
  );
}

interface SettingsProps {
  readonly mapping: Mapping;
  readonly schemas: Schemas;
}

function MappingSettings({ mapping, schemas }: SettingsProps) {
  const [draft, setDraft] = useState({
    direction: mapping.direction,
    enabled: mapping.enabled,
    filter: mapping.filter ?? '',
    matchBy: mapping.matchBy.join(', '),
  });
  const isAdmin = mayDo('sync.admin');
  const path = { id: mapping.connectionId, mappingId: mapping.id };
  const save = api.useMutation('patch', '/api/connections/{id}/mappings/{mappingId}', {
    meta: { showsErrors: true },
    onSuccess: () => notify('The mapping was saved.'),
  });
  const fault = filterFault(draft.filter, schemas.columns);
  const matchBy = draft.matchBy
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return (
    <Section title="Settings of the mapping" actions={isAdmin && <RemoveMapping mapping={mapping} />}>
      <Stack spacing={2} sx={{ maxWidth: 640, pt: 1 }}>
        <FormControlLabel
          control={
            <Switch
              checked={draft.enabled}
              disabled={!isAdmin}
              onChange={(_, enabled) => setDraft({ ...draft, enabled })}
            />
          }
          label="Enabled"
        />
        <DirectionSelect
          value={draft.direction}
          disabled={!isAdmin}
          onChange={(direction) => setDraft({ ...draft, direction })}
        />
        <TextField
          label="Matched by"
          value={draft.matchBy}
          disabled={!isAdmin}
          onChange={(event) => setDraft({ ...draft, matchBy: event.target.value })}
          helperText="AuthScape fields whose values together identify a record, such as email."
        />
        <TextField
          label="Filter"
          multiline
          value={draft.filter}
          disabled={!isAdmin}
          error={fault !== undefined}
          onChange={(event) => setDraft({ ...draft, filter: event.target.value })}
          helperText={
            fault ??
            "Which rows of Dynamics may join, for example: statecode eq 0 and startswith(fullname, 'A')."
          }
        />
        <ErrorNotice error={save.error} />
        {isAdmin && (
          <Button
            variant="contained"
            sx={{ alignSelf: 'flex-start' }}
            disabled={fault !== undefined || matchBy.length === 0}
            loading={save.isPending}
            onClick={() =>
              save.mutate({
                params: { path },
                body: { ...draft, filter: draft.filter.trim() === '' ? null : draft.filter, matchBy },
              })
            }
          >
            Save settings
          </Button>
        )}
      </Stack>
    </Section>
  );
}

function RemoveMapping({ mapping }: { readonly mapping: Mapping }) {
  const [isAsking, setAsking] = useState(false);
  const navigate = useNavigate();
  const remove = api.useMutation('delete', '/api/connections/{id}/mappings/{mappingId}', {
    meta: { leavesScreen: true },
    onSuccess: async () => navigate(`/connections/${mapping.connectionId}/mappings`),
  });
  return (
    <>
      <Button color="error" onClick={() => setAsking(true)}>
        Delete mapping
      </Button>
      <Confirm
        open={isAsking}
        title={`Delete the mapping ${mapping.authScapeEntity} – ${mapping.crmEntity}?`}
        action="Delete mapping"
        isDangerous
        onClose={() => setAsking(false)}
        onConfirm={() =>
          remove.mutate({ params: { path: { id: mapping.connectionId, mappingId: mapping.id } } })
        }
      >
        Its links are removed as well. Records stay as they are on both sides.
      </Confirm>
    </>
  );
}
