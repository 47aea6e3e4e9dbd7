import Link from '@mui/material/Link';
import type { GridColDef } from '@mui/x-data-grid';
import { Link as RouterLink, useNavigate } from 'react-router';
import { client } from '../api/client';
import type { Run } from '../api/types';
import { CursorGrid } from '../parts/cursor-grid';
import { StatusChip, Time } from '../parts/small';
import { useConnection } from './connection';
import { durationOf, runName } from './run-table';

const count = (field: keyof Run['counts'], headerName: string, width = 78): GridColDef<Run> => ({
  field,
  headerName,
  type: 'number',
  width,
  valueGetter: (_, run) => run.counts[field],
});

const COLUMNS: readonly GridColDef<Run>[] = [
  {
    field: 'name',
    headerName: 'Run',
    minWidth: 152,
    flex: 1,
    renderCell: ({ row }) => (
      <Link component={RouterLink} to={`/connections/${row.connectionId}/runs/${row.id}`}>
        {runName(row)}
      </Link>
    ),
  },
  {
    field: 'status',
    headerName: 'Status',
    width: 188,
    renderCell: ({ row }) => <StatusChip status={row.status} />,
  },
  { field: 'trigger', headerName: 'Started by', width: 96, valueGetter: (_, run) => STARTERS[run.trigger] },
  {
    field: 'startedAt',
    headerName: 'Started',
    width: 184,
    renderCell: ({ row }) => <Time at={row.startedAt} />,
  },
  {
    field: 'duration',
    headerName: 'Duration',
    width: 80,
    align: 'right',
    headerAlign: 'right',
    valueGetter: (_, run) => durationOf(run),
  },
  count('read', 'Read', 68),
  count('created', 'Created'),
  count('updated', 'Updated'),
  count('linked', 'Linked', 68),
  count('skipped', 'Skipped'),
  count('conflicts', 'Conflicts', 84),
  count('failed', 'Failed', 66),
];

const STARTERS: Record<Run['trigger'], string> = { manual: 'a person', schedule: 'the timer' };

/** All runs of the connection, newest first. */
export function Runs() {
  const { id } = useConnection();
  const navigate = useNavigate();
  return (
    <CursorGrid<Run>
      label="Runs"
      columns={COLUMNS}
      idOf={(run) => run.id}
      emptyText="No run yet: start one with “Sync now”."
      onOpen={(run) => void navigate(`/connections/${id}/runs/${run.id}`)}
      queryKey={['runs', id]}
      load={(start) => client.GET('/api/connections/{id}/runs', { params: { path: { id }, query: start } })}
      refreshMs={10_000}
    />
  );
}
