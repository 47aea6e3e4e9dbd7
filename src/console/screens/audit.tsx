import Box from '@mui/material/Box';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { GridColDef } from '@mui/x-data-grid';
import { useState } from 'react';
import { client } from '../api/client';
import type { AuditEntry } from '../api/types';
import { CursorGrid } from '../parts/cursor-grid';
import { formatValue } from '../parts/format';
import { Time } from '../parts/small';

const COLUMNS: readonly GridColDef<AuditEntry>[] = [
  { field: 'at', headerName: 'When', width: 190, renderCell: ({ row }) => <Time at={row.at} /> },
  {
    field: 'actor',
    headerName: 'Who',
    width: 180,
    valueGetter: (_, { actor }) => `${actor.name} (${actor.kind})`,
  },
  { field: 'action', headerName: 'What', width: 200 },
  { field: 'target', headerName: 'On', width: 260 },
  {
    field: 'changes',
    headerName: 'Changes',
    flex: 1,
    minWidth: 260,
    valueGetter: (_, { changes }) =>
      changes.map(({ path, from, to }) => `${path}: ${formatValue(from)} → ${formatValue(to)}`).join('; '),
  },
];

/** Who changed what, newest first. */
export function Audit() {
  const [actor, setActor] = useState('');
  const [since, setSince] = useState('');
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
          queryKey={['audit', filter]}
          load={(start) => client.GET('/api/audit', { params: { query: { ...filter, ...start } } })}
        />
      </Box>
    </>
  );
}
