import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { type FormEvent, useState } from 'react';
import { api } from '../api/client';
import type { Mapping, RecordResult } from '../api/types';
import { ChangeCard } from '../parts/changes';
import { words } from '../parts/format';
import { ErrorNotice } from '../parts/loaded';
import { Section } from '../parts/small';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a sync of one record would write, field by field; nothing is written. */
export function TryIt({ mapping }: { readonly mapping: Mapping }) {
  const [id, setId] = useState('');
  const preview = api.useMutation('post', '/api/connections/{id}/mappings/{mappingId}/preview', {
    meta: { showsErrors: true },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = id.trim();
    preview.mutate({
      params: { path: { id: mapping.connectionId, mappingId: mapping.id } },
      body: GUID.test(wanted) ? { crmId: wanted } : { authScapeId: wanted },
    });
  };
  return (
    <Section title="Try it">
      <Typography variant="body2" color="textSecondary" sx={{ mb: 1 }}>
        Shows with the saved mapping what a sync of one record would do. Nothing is written.
      </Typography>
      <Stack component="form" direction="row" spacing={1} onSubmit={submit} sx={{ maxWidth: 560, mb: 1 }}>
        <TextField
          label={`Id in AuthScape, or in Dynamics (${mapping.crmEntity})`}
          value={id}
          onChange={(event) => setId(event.target.value)}
        />
        <Button type="submit" variant="outlined" loading={preview.isPending} disabled={id.trim() === ''}>
          Preview
        </Button>
      </Stack>
      <ErrorNotice error={preview.error} />
      {preview.data !== undefined && <PreviewResults results={preview.data.results} />}
    </Section>
  );
}

/** What a sync would write under each mapping that takes the record. */
export function PreviewResults({ results }: { readonly results: readonly RecordResult[] }) {
  return (
    <div aria-live="polite">
      {results.map((result) => (
        <PreviewResult key={`${result.connectionId} ${result.mappingId}`} result={result} />
      ))}
      {results.length === 0 && <Alert severity="info">No mapping takes this record.</Alert>}
    </div>
  );
}

interface ResultProps {
  readonly result: Pick<RecordResult, 'outcome' | 'changes' | 'error'>;
}

/** The changes of one planned sync, or why there would be none. */
export function PreviewResult({ result: { outcome, changes, error } }: ResultProps) {
  return (
    <Box sx={{ mt: 1 }}>
      {error !== undefined && (
        <Alert severity="warning">
          {error.message} ({error.code})
        </Alert>
      )}
      {changes.length === 0 && error === undefined && (
        <Alert severity="info">{words(outcome)}: nothing to write.</Alert>
      )}
      {changes.map((change) => (
        <ChangeCard key={`${change.side} ${change.action}`} change={change} would />
      ))}
    </Box>
  );
}
