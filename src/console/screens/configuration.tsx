import DownloadIcon from '@mui/icons-material/Download';
import UploadIcon from '@mui/icons-material/UploadFile';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import Stack from '@mui/material/Stack';
import Switch from '@mui/material/Switch';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { z } from 'zod';
import { api, client } from '../api/client';
import { mayDo } from '../api/session';
import type { ConfigurationBody, Plan } from '../api/types';
import { Value } from '../parts/changes';
import { ErrorNotice } from '../parts/loaded';
import { notify } from '../parts/notices';
import { Section } from '../parts/small';

/** All connections and mappings as one document: taken along, or carried out after its plan was seen. */
export function Configuration() {
  return (
    <Stack spacing={2}>
      <Typography variant="h5" component="h1">
        Configuration
      </Typography>
      <Export />
      {mayDo('sync.admin') && <Import />}
    </Stack>
  );
}

function Export() {
  const take = useMutation({
    mutationFn: () => client.GET('/api/configuration', {}),
    onSuccess: ({ data }) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(
        new Blob([`${JSON.stringify(data, null, 2)}\n`], { type: 'application/json' }),
      );
      link.download = 'configuration.json';
      link.click();
      URL.revokeObjectURL(link.href);
    },
  });
  return (
    <Section title="Export">
      <Typography sx={{ mb: 1 }}>
        One document with all connections, mappings, schedules and policies, without secrets.
      </Typography>
      <Button
        variant="outlined"
        startIcon={<DownloadIcon />}
        loading={take.isPending}
        onClick={() => take.mutate()}
      >
        Download
      </Button>
    </Section>
  );
}

/** The service says what is wrong with an object; anything else is not sent. */
const documentSchema = z.custom<ConfigurationBody>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

function readDocument(text: string): ConfigurationBody | undefined {
  try {
    return documentSchema.safeParse(JSON.parse(text)).data;
  } catch {
    // Half a document while it is typed.
    return undefined;
  }
}

interface Planned {
  readonly plan: Plan;
  /** Refuses a plan that has become stale. */
  readonly etag: string | null;
}

function Import() {
  const [text, setText] = useState('');
  const [prune, setPrune] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  const document = readDocument(text);
  const query = prune ? { prune: 'true' as const } : {};
  const plan = useMutation({
    mutationFn: async (body: ConfigurationBody): Promise<Planned | undefined> => {
      const { data, response } = await client.POST('/api/configuration/plan', { params: { query }, body });
      return data === undefined ? undefined : { plan: data, etag: response.headers.get('etag') };
    },
    meta: { showsErrors: true },
  });
  const carryOut = api.useMutation('put', '/api/configuration', {
    meta: { showsErrors: true },
    onSuccess: () => {
      plan.reset();
      notify('The configuration was carried out.');
    },
  });
  const edit = (next: string) => {
    setText(next);
    plan.reset();
    carryOut.reset();
  };
  return (
    <Section title="Import">
      <Stack spacing={1.5}>
        <Button
          startIcon={<UploadIcon />}
          sx={{ alignSelf: 'flex-start' }}
          onClick={() => chooser.current?.click()}
        >
          Choose a file
        </Button>
        <input
          ref={chooser}
          type="file"
          hidden
          accept="application/json"
          aria-label="Configuration file"
          onChange={(event) => void event.target.files?.[0]?.text().then(edit)}
        />
        <TextField
          label="Configuration document"
          multiline
          minRows={6}
          maxRows={18}
          value={text}
          error={text.trim() !== '' && document === undefined}
          helperText={text.trim() !== '' && document === undefined ? 'This is not JSON yet.' : undefined}
          onChange={(event) => edit(event.target.value)}
          slotProps={{ htmlInput: { style: { fontFamily: 'monospace' } } }}
        />
        <FormControlLabel
          control={<Switch checked={prune} onChange={(_, on) => setPrune(on)} />}
          label="Also delete what the document does not name"
        />
        <Button
          variant="outlined"
          sx={{ alignSelf: 'flex-start' }}
          disabled={document === undefined}
          loading={plan.isPending}
          onClick={() => document !== undefined && plan.mutate(document)}
        >
          Show the plan
        </Button>
        <ErrorNotice error={plan.error ?? carryOut.error} />
        {plan.data !== undefined && <PlanTable plan={plan.data.plan} />}
        {plan.data !== undefined && plan.data.plan.changes.length > 0 && (
          <Button
            variant="contained"
            sx={{ alignSelf: 'flex-start' }}
            disabled={plan.data.plan.problems.length > 0}
            loading={carryOut.isPending}
            onClick={() =>
              document !== undefined &&
              carryOut.mutate({
                params: { query, ...(plan.data?.etag ? { header: { 'If-Match': plan.data.etag } } : {}) },
                body: document,
              })
            }
          >
            Carry it out
          </Button>
        )}
      </Stack>
    </Section>
  );
}

function PlanTable({ plan }: { readonly plan: Plan }) {
  if (plan.problems.length > 0) {
    return (
      <Alert severity="error">
        {plan.problems.map(({ path, message }) => (
          <div key={`${path} ${message}`}>
            {path}: {message}
          </div>
        ))}
      </Alert>
    );
  }
  if (plan.changes.length === 0) return <Alert severity="success">Nothing would change.</Alert>;
  return (
    <TableContainer>
      <Table size="small" aria-label="Plan">
        <TableHead>
          <TableRow>
            <TableCell>What</TableCell>
            <TableCell>Where</TableCell>
            <TableCell>From</TableCell>
            <TableCell>To</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {plan.changes.map(({ path, action, from, to }) => (
            <TableRow key={`${path} ${action}`}>
              <TableCell>{action}</TableCell>
              <TableCell>{path}</TableCell>
              <TableCell>
                <Value value={from} />
              </TableCell>
              <TableCell>
                <Value value={to} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
