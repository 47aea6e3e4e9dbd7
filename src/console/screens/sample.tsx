import UndoIcon from '@mui/icons-material/Undo';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { Link as RouterLink, useNavigate } from 'react-router';
import { api } from '../api/client';
import { mayDo } from '../api/session';
import type { Change, Connection, RecordPage, Run } from '../api/types';
import { FieldChanges, Value } from '../parts/changes';
import { Confirm } from '../parts/confirm';
import { formatNumber, sideName, words } from '../parts/format';
import { Loaded } from '../parts/loaded';
import { Section } from '../parts/small';
import { nameOf } from './record-name';

const SAMPLE = 20;

/** Starts a full sync of a few pairs of each mapping only. */
export function TrySample({ connection }: { readonly connection: Connection }) {
  const navigate = useNavigate();
  const start = api.useMutation('post', '/api/connections/{id}/sync', {
    onSuccess: (run) => void navigate(`/connections/${connection.id}/runs/${run.id}`),
  });
  const params = { path: { id: connection.id } };
  return (
    <Button
      variant="contained"
      loading={start.isPending}
      disabled={!connection.enabled}
      onClick={() => start.mutate({ params, body: { mode: 'full', sample: SAMPLE } })}
    >
      Try {SAMPLE} records
    </Button>
  );
}

interface RunProps {
  readonly run: Run;
}

/** What a sample has linked and made, both sides beside each other, and the way back. */
export function SamplePairs({ run }: RunProps) {
  const changes = api.useQuery('get', '/api/runs/{runId}/changes', {
    params: { path: { runId: run.id }, query: { limit: 500 } },
  });
  const connection = api.useQuery('get', '/api/connections/{id}', {
    params: { path: { id: run.connectionId } },
  });
  const canGoBack = connection.data?.firstFullSyncAt === null && mayDo('sync.operate');
  return (
    <Section title="What was tried" actions={canGoBack && <TakeBack run={run} />}>
      <Loaded query={changes} rows={4}>
        {({ items }) => <Pairs run={run} pairs={pairsOf(items)} />}
      </Loaded>
    </Section>
  );
}

interface Pair {
  readonly key: string;
  readonly change: Change;
  readonly changes: readonly Change[];
}

function pairsOf(changes: readonly Change[]): readonly Pair[] {
  const pairs = new Map<string, Change[]>();
  for (const change of changes) {
    if (change.authScapeId === null || change.crmId === null || change.action === 'none') continue;
    const key = `${change.mappingId} ${change.authScapeId} ${change.crmId}`;
    pairs.set(key, [...(pairs.get(key) ?? []), change]);
  }
  return [...pairs].flatMap(([key, all]) => all.slice(0, 1).map((change) => ({ key, change, changes: all })));
}

function Pairs({ run, pairs }: RunProps & { readonly pairs: readonly Pair[] }) {
  const [open, setOpen] = useState<string | null>(null);
  if (pairs.length === 0) return <Typography>No records were found to be linked or created.</Typography>;
  return (
    <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {pairs.map(({ key, change, changes }) => (
        <Box component="li" key={key} sx={{ borderTop: 1, borderColor: 'divider', py: 0.5 }}>
          <Button
            size="small"
            color="inherit"
            aria-expanded={open === key}
            sx={{ justifyContent: 'flex-start', textAlign: 'left', width: '100%' }}
            onClick={() => setOpen(open === key ? null : key)}
          >
            {change.entity} {change.authScapeId}: {changes.map(whatWasDone).join(', ')}
          </Button>
          {open === key && <SideBySide run={run} change={change} changes={changes} />}
        </Box>
      ))}
    </Box>
  );
}

const whatWasDone = ({ action, fields, side }: Change): string => {
  const count = action === 'update' ? ` ${fields.length} ${fields.length === 1 ? 'value' : 'values'}` : '';
  return `${words(action)}${count}${side === null ? '' : ` in ${sideName(side)}`}`;
};

function SideBySide({ run, change, changes }: RunProps & Omit<Pair, 'key'>) {
  const path = { id: run.connectionId, entity: change.entity, authScapeId: change.authScapeId ?? '' };
  const record = api.useQuery('get', '/api/connections/{id}/records/{entity}/{authScapeId}', {
    params: { path, query: { mappingId: change.mappingId } },
  });
  const replaced = changes.filter(({ action, fields }) => action !== 'create' && fields.length > 0);
  return (
    <Box sx={{ pl: 2, pb: 2 }}>
      <Loaded query={record} rows={3}>
        {(page) => (
          <>
            <Values record={page} />
            <Link
              component={RouterLink}
              to={`/connections/${run.connectionId}/records/${path.entity}/${path.authScapeId}`}
            >
              Open the record
            </Link>
          </>
        )}
      </Loaded>
      {replaced.map((one) => (
        <Box key={one.id} sx={{ mt: 1 }}>
          <Typography variant="subtitle2" component="h3">
            Replaced in {sideName(one.side)}
          </Typography>
          <FieldChanges fields={one.fields} />
        </Box>
      ))}
    </Box>
  );
}

function Values({ record }: { readonly record: RecordPage }) {
  return (
    <TableContainer>
      <Table size="small" aria-label="Both sides now">
        <TableHead>
          <TableRow>
            <TableCell>Field</TableCell>
            <TableCell>AuthScape: {nameOf(record, 'authScape')}</TableCell>
            <TableCell>Dynamics: {nameOf(record, 'dynamics')}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {record.fields.map((field) => (
            <TableRow key={field.id}>
              <TableCell>{field.authScapeField}</TableCell>
              <TableCell>
                <Value value={field.authScape} />
              </TableCell>
              <TableCell>
                <Value value={field.dynamics} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function TakeBack({ run }: RunProps) {
  const [isOpen, setOpen] = useState(false);
  const back = api.useMutation('post', '/api/runs/{runId}/take-back');
  return (
    <>
      {back.data !== undefined && <Alert severity="success">{backText(back.data)}</Alert>}
      <Button
        variant="outlined"
        startIcon={<UndoIcon />}
        loading={back.isPending}
        loadingPosition="start"
        onClick={() => setOpen(true)}
      >
        Take it back
      </Button>
      <Confirm
        open={isOpen}
        title="Take the sample back?"
        action="Take back"
        onClose={() => setOpen(false)}
        onConfirm={() => back.mutate({ params: { path: { runId: run.id } } })}
      >
        <Typography>
          Values that the sample replaced are written back where they were not changed since, and its pairs
          are unlinked. Records that it created stay; the next run links them.
        </Typography>
      </Confirm>
    </>
  );
}

interface Back {
  readonly unlinked: number;
  readonly restored: number;
  readonly kept: readonly unknown[];
  readonly busy: number;
}

function backText({ busy, kept, restored, unlinked }: Back): string {
  const parts = [`${formatNumber(unlinked)} pairs unlinked`, `${formatNumber(restored)} values written back`];
  if (kept.length > 0) parts.push(`${formatNumber(kept.length)} values stay as they are now`);
  if (busy > 0) parts.push(`${formatNumber(busy)} pairs are being worked on: try again`);
  return `${parts.join(', ')}.`;
}
