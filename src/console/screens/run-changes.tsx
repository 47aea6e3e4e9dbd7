import DownloadIcon from '@mui/icons-material/Download';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import MenuItem from '@mui/material/MenuItem';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import type { GridColDef } from '@mui/x-data-grid';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link as RouterLink } from 'react-router';
import { client, downloadChanges } from '../api/client';
import type { Change, Run } from '../api/types';
import { ChangeCard } from '../parts/changes';
import { CursorGrid } from '../parts/cursor-grid';
import { formatValue, ruleText, sideName, words } from '../parts/format';
import { CopyId, StatusChip } from '../parts/small';
import { isUnderWay } from './active-run';

const OUTCOMES = [
  'created',
  'updated',
  'linked',
  'deactivated',
  'deleted',
  'skipped',
  'conflict',
  'failed',
  'held',
];
const ENTITIES = ['User', 'Company', 'Location'];

const first = ({ fields: [one] }: Change) => one;
const more = ({ fields }: Change) => (fields.length > 1 ? ` (+${fields.length - 1})` : '');

function written(row: Change, which: 'from' | 'to'): string | undefined {
  const one = first(row);
  return one && (one.withheld ? 'not kept' : formatValue(one[which]));
}

const COLUMNS: readonly GridColDef<Change>[] = [
  {
    field: 'outcome',
    headerName: 'Outcome',
    width: 130,
    renderCell: ({ row }) => <StatusChip status={row.outcome} />,
  },
  { field: 'entity', headerName: 'Entity', width: 96 },
  { field: 'side', headerName: 'Side', width: 100, valueGetter: (_, row) => sideName(row.side) },
  { field: 'action', headerName: 'Action', width: 100, valueGetter: (_, row) => words(row.action) },
  {
    field: 'field',
    headerName: 'Field',
    width: 160,
    valueGetter: (_, row) => (first(row) ? `${first(row)?.field}${more(row)}` : ''),
  },
  {
    field: 'from',
    headerName: 'From',
    flex: 1,
    minWidth: 130,
    valueGetter: (_, row) => written(row, 'from'),
  },
  {
    field: 'to',
    headerName: 'To',
    flex: 1,
    minWidth: 130,
    valueGetter: (_, row) => row.error?.message ?? written(row, 'to'),
  },
  {
    field: 'rule',
    headerName: 'Rule',
    width: 190,
    valueGetter: (_, row) => first(row) && ruleText(first(row)?.rule ?? ''),
  },
  {
    field: 'winner',
    headerName: 'Winner',
    width: 100,
    valueGetter: (_, row) => sideName(first(row)?.winner),
  },
  { field: 'authScapeId', headerName: 'AuthScape id', width: 110 },
  { field: 'crmId', headerName: 'Dynamics id', width: 290 },
];

/** The changes of a run, filtered by the API, page by page. */
export function RunChanges({ run }: { readonly run: Run }) {
  const [filter, setFilter] = useState({ outcome: '', entity: '', field: '' });
  const [opened, setOpened] = useState<Change>();
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''));
  return (
    <>
      <Stack direction={{ xs: 'column', sm: 'row' }} spacing={1} sx={{ mb: 1 }}>
        <Choice
          label="Outcome"
          value={filter.outcome}
          all={OUTCOMES}
          onPick={(outcome) => setFilter({ ...filter, outcome })}
        />
        <Choice
          label="Entity"
          value={filter.entity}
          all={ENTITIES}
          onPick={(entity) => setFilter({ ...filter, entity })}
        />
        <TextField
          label="Field"
          value={filter.field}
          onChange={(event) => setFilter({ ...filter, field: event.target.value.trim() })}
        />
        <Download runId={run.id} />
      </Stack>
      <CursorGrid<Change>
        key={JSON.stringify(given)}
        label="Changes"
        columns={COLUMNS}
        idOf={idOf}
        emptyText={isUnderWay(run) ? 'Nothing written yet.' : 'No changes: both sides agree.'}
        onOpen={setOpened}
        // Once more when the run has ended: its last changes came after the last look.
        queryKey={['changes', run.id, given, run.status]}
        load={(start) =>
          client.GET('/api/runs/{runId}/changes', {
            params: { path: { runId: run.id }, query: { ...given, ...start } },
          })
        }
        refreshMs={isUnderWay(run) && 3_000}
      />
      {opened !== undefined && <Opened change={opened} run={run} onClose={() => setOpened(undefined)} />}
    </>
  );
}

const idOf = (change: Change): string =>
  change.id ??
  [change.mappingId, change.authScapeId, change.crmId, change.side, change.action, change.outcome].join(' ');

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly all: readonly string[];
  readonly onPick: (value: string) => void;
}

function Choice({ label, value, all, onPick }: ChoiceProps) {
  return (
    <TextField select label={label} value={value} onChange={(event) => onPick(event.target.value)}>
      <MenuItem value="">All</MenuItem>
      {all.map((one) => (
        <MenuItem key={one} value={one}>
          {words(one)}
        </MenuItem>
      ))}
    </TextField>
  );
}

function Download({ runId }: { readonly runId: string }) {
  const download = useMutation({
    mutationFn: downloadChanges,
    onSuccess: (file) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(file);
      link.download = `changes-${runId}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
    },
  });
  return (
    <Button
      startIcon={<DownloadIcon />}
      loading={download.isPending}
      onClick={() => download.mutate(runId)}
      sx={{ flexShrink: 0 }}
    >
      CSV
    </Button>
  );
}

interface OpenedProps {
  readonly change: Change;
  readonly run: Run;
  readonly onClose: () => void;
}

function Opened({ change, run, onClose }: OpenedProps) {
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="md" aria-labelledby="change-title">
      <DialogTitle id="change-title">
        {change.entity} {change.authScapeId}
      </DialogTitle>
      <DialogContent>
        <Stack sx={{ mb: 2 }}>
          {change.authScapeId !== null && (
            <span>
              AuthScape <CopyId id={change.authScapeId} label="AuthScape id" />
            </span>
          )}
          {change.crmId !== null && (
            <span>
              {change.crmEntity} <CopyId id={change.crmId} label="Dynamics id" />
            </span>
          )}
        </Stack>
        <ChangeCard change={change} would={run.dryRun} />
      </DialogContent>
      <DialogActions>
        {change.authScapeId !== null && (
          <Button
            component={RouterLink}
            to={`/connections/${run.connectionId}/records/${change.entity}/${change.authScapeId}`}
          >
            Open the record
          </Button>
        )}
        <Button onClick={onClose}>Close</Button>
      </DialogActions>
    </Dialog>
  );
}
