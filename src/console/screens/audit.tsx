import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { GridColDef } from '@mui/x-data-grid';
import { useState } from 'react';
import { client } from '../api/client';
import type { AuditEntry } from '../api/types';
import { CursorGrid } from '../parts/cursor-grid';
import { formatValue } from '../parts/format';
import { CopyId, Facts, Time } from '../parts/small';

const actorOf = ({ actor: { kind, name } }: AuditEntry): string =>
  kind === 'key' && name !== 'function key' ? `${name} (key)` : name;

/** What differs since, one part each; what was made or removed is not spelt out in a line. */
function summaryOf({ changes }: AuditEntry): string {
  return changes
    .map(({ path, from, to }) => {
      const isWhole = [from, to].some((value) => typeof value === 'object' && value !== null);
      if (!isWhole) return `${path}: ${formatValue(from)} → ${formatValue(to)}`;
      const what = from === null ? 'made' : to === null ? 'removed' : 'changed';
      return path === '' ? what : `${path}: ${what}`;
    })
    .join('; ');
}

const COLUMNS: readonly GridColDef<AuditEntry>[] = [
  { field: 'at', headerName: 'When', width: 190, renderCell: ({ row }) => <Time at={row.at} /> },
  { field: 'actor', headerName: 'Who', width: 190, valueGetter: (_, entry) => actorOf(entry) },
  { field: 'action', headerName: 'What', width: 170 },
  {
    field: 'target',
    headerName: 'On',
    flex: 1,
    minWidth: 300,
    valueGetter: (_, { target }) => target.replace(/^\/api\//, ''),
  },
  {
    field: 'changes',
    headerName: 'Changes',
    flex: 1,
    minWidth: 260,
    valueGetter: (_, entry) => summaryOf(entry),
  },
];

/** Who changed what, newest first. */
export function Audit() {
  const [actor, setActor] = useState('');
  const [since, setSince] = useState('');
  const [opened, setOpened] = useState<AuditEntry>();
  const filter = { ...(actor === '' ? {} : { actor }), ...(since === '' ? {} : { since }) };
  return (
    <>
      <Typography variant="h5" component="h1" sx={{ mb: 2 }}>
        Audit
      </Typography>
      <Stack direction={{ xs: 'column', sm: 'row' }} spacing={1} sx={{ mb: 1, maxWidth: 640 }}>
        <TextField label="Who" value={actor} onChange={(event) => setActor(event.target.value.trim())} />
        <TextField
          label="Since"
          type="date"
          value={since}
          onChange={(event) => setSince(event.target.value)}
          slotProps={{ inputLabel: { shrink: true } }}
        />
      </Stack>
      <Box sx={{ bgcolor: 'background.paper' }}>
        <CursorGrid<AuditEntry>
          key={JSON.stringify(filter)}
          label="Audit"
          columns={COLUMNS}
          idOf={({ id }) => id}
          emptyText="Nothing was changed yet."
          onOpen={setOpened}
          queryKey={['audit', filter]}
          load={(start) => client.GET('/api/audit', { params: { query: { ...filter, ...start } } })}
        />
      </Box>
      {opened !== undefined && <Opened entry={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}

interface OpenedProps {
  readonly entry: AuditEntry;
  readonly onClose: () => void;
}

function Opened({ entry, onClose }: OpenedProps) {
  const { action, at, target, changes } = entry;
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="md" aria-labelledby="act-title">
      <DialogTitle id="act-title">{action}</DialogTitle>
      <DialogContent>
        <Facts
          items={[
            ['When', <Time key="t" at={at} />],
            ['Who', actorOf(entry)],
            ['On', <CopyId key="o" id={target} label="address" />],
          ]}
        />
        {changes.map(({ path, from, to }) => (
          <Box key={path} sx={{ mt: 2 }}>
            <Typography variant="subtitle2" component="h3">
              {path === '' ? 'All settings' : path}
            </Typography>
            <Whole title="Before" value={from} />
            <Whole title="After" value={to} />
          </Box>
        ))}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
      </DialogActions>
    </Dialog>
  );
}

function Whole({ title, value }: { readonly title: string; readonly value: unknown }) {
  const text =
    typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : formatValue(value);
  return (
    <Box component="pre" tabIndex={0} sx={{ m: 0, overflow: 'auto', maxHeight: 320, fontSize: '0.8125rem' }}>
      {title}: {text}
    </Box>
  );
}
