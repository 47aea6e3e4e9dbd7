import AddIcon from '@mui/icons-material/Add';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import { useState } from 'react';
import { ApiError, api } from '../api/client';
import { mayDo } from '../api/session';
import type { Field, Mapping } from '../api/types';
import { ErrorNotice } from '../parts/loaded';
import { notify } from '../parts/notices';
import { Section } from '../parts/small';
import { FieldRow } from './field-row';
import type { Schemas } from './mapping';

interface EditorProps {
  readonly mapping: Mapping;
  readonly schemas: Schemas;
}

/** A draft of all fields, saved in one step: the service checks them together. */
export function FieldEditor({ mapping, schemas }: EditorProps) {
  const [draft, setDraft] = useState<readonly Field[]>(mapping.fields);
  const isAdmin = mayDo('sync.admin');
  const save = api.useMutation('put', '/api/connections/{id}/mappings/{mappingId}/fields', {
    meta: { showsErrors: true },
    onSuccess: () => notify('The fields were saved.'),
  });
  const isChanged = JSON.stringify(draft) !== JSON.stringify(mapping.fields);
  const faults = faultsOf(save.error);
  const replace = (index: number, next: Field) =>
    setDraft(draft.map((one, at) => (at === index ? next : one)));
  const submit = () =>
    save.mutate({
      params: { path: { id: mapping.connectionId, mappingId: mapping.id } },
      body: { fields: [...draft] },
    });
  return (
    <Section
      title={`Fields of ${mapping.authScapeEntity} – ${mapping.crmEntity}`}
      actions={
        isAdmin && (
          <>
            <Button startIcon={<AddIcon />} onClick={() => setDraft([...draft, NEW])}>
              Add field
            </Button>
            <Button disabled={!isChanged} onClick={() => setDraft(mapping.fields)}>
              Discard
            </Button>
            <Button
              variant="contained"
              disabled={!isChanged || draft.some((one) => one.authScapeField === '' || one.crmField === '')}
              loading={save.isPending}
              onClick={submit}
            >
              Save fields
            </Button>
          </>
        )
      }
    >
      {isChanged && (
        <Alert severity="info" sx={{ mb: 1 }}>
          Not saved yet.
        </Alert>
      )}
      <ErrorNotice error={save.error} />
      <Stack component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {draft.map((one, index) => (
          <FieldRow
            key={one.id ?? `new ${index}`}
            mapped={one}
            schemas={schemas}
            isReadOnly={!isAdmin}
            faults={faults
              .filter(({ path }) => path.startsWith(`fields[${index}]`))
              .map(({ message }) => message)}
            onChange={(next) => replace(index, next)}
            onRemove={() => setDraft(draft.filter((_, at) => at !== index))}
          />
        ))}
      </Stack>
    </Section>
  );
}

/** What the service found wrong, field by field. */
function faultsOf(error: unknown) {
  return error instanceof ApiError ? (error.problem.errors ?? []) : [];
}

const NEW: Field = {
  authScapeField: '',
  crmField: '',
  direction: 'Bidirectional',
  enabled: true,
  required: false,
  syncNullValues: true,
  transform: null,
};
