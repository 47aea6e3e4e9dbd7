import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import Stack from '@mui/material/Stack';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { Link as RouterLink, useNavigate, useParams } from 'react-router';
import { api } from '../api/client';
import { mayDo } from '../api/session';
import type { Run } from '../api/types';
import { formatNumber, sideName, words } from '../parts/format';
import { Loaded } from '../parts/loaded';
import { CopyId, Facts, Section, StatusChip, Time } from '../parts/small';
import { isUnderWay } from './active-run';
import { RunChanges } from './run-changes';
import { durationOf, runName } from './run-table';
import { SamplePairs } from './sample';

/** One run: what it counted, and each change that it made or, in a dry run, would make. */
export function RunScreen() {
  const { runId = '' } = useParams();
  const query = api.useQuery(
    'get',
    '/api/runs/{runId}',
    { params: { path: { runId } } },
    { refetchInterval: ({ state }) => (state.data && !isUnderWay(state.data) ? 15_000 : 1_000) },
  );
  return (
    <Loaded query={query} rows={8}>
      {(run) => (
        <Stack spacing={2}>
          <Head run={run} />
          {run.sample !== undefined && !run.dryRun && run.finishedAt !== null && <SamplePairs run={run} />}
          <Section title={run.dryRun ? 'What would be written' : 'Changes'}>
            <RunChanges run={run} />
          </Section>
        </Stack>
      )}
    </Loaded>
  );
}

interface RunProps {
  readonly run: Run;
}

function Head({ run }: RunProps) {
  return (
    <Section title={runName(run)} actions={<StatusChip status={run.status} />}>
      {run.error !== null && (
        <Alert severity="error" sx={{ mb: 1 }}>
          {run.error.message} {run.error.hint} ({run.error.code})
        </Alert>
      )}
      {run.messages.map((message) => (
        <Alert key={message} severity="info" sx={{ mb: 1 }}>
          {message}
        </Alert>
      ))}
      {run.status === 'awaitingApproval' && <Waiting run={run} />}
      {run.dryRun && run.finishedAt !== null && mayDo('sync.operate') && <DoIt run={run} />}
      <Box sx={{ display: 'grid', gap: 3, gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: '1fr 1fr 1fr' } }}>
        <Facts
          items={[
            ['Id', <CopyId key="i" id={run.id} label="run id" />],
            ['Started', <Time key="t" at={run.startedAt} />],
            ['Ended', run.finishedAt === null ? 'not yet' : <Time key="t" at={run.finishedAt} />],
            ['Duration', durationOf(run)],
            [
              'Requests',
              `${formatNumber(run.requests.dynamics)} Dynamics, ${formatNumber(run.requests.authScape)} AuthScape, ${formatNumber(run.requests.storage)} storage`,
            ],
          ]}
        />
        <Counts run={run} />
        <BySide run={run} />
      </Box>
    </Section>
  );
}

function Waiting({ run }: RunProps) {
  return (
    <Alert
      severity="warning"
      sx={{ mb: 1 }}
      action={
        <Button
          color="inherit"
          size="small"
          component={RouterLink}
          to={`/connections/${run.connectionId}/approvals`}
        >
          Decide
        </Button>
      }
    >
      More would be removed than the guard allows: the run waits for a decision.
    </Alert>
  );
}

function DoIt({ run }: RunProps) {
  const navigate = useNavigate();
  const start = api.useMutation('post', '/api/connections/{id}/sync', {
    onSuccess: ({ id, connectionId }) => void navigate(`/connections/${connectionId}/runs/${id}`),
  });
  return (
    <Alert
      severity="info"
      sx={{ mb: 2 }}
      action={
        <Button
          variant="contained"
          loading={start.isPending}
          onClick={() =>
            start.mutate({ params: { path: { id: run.connectionId } }, body: { mode: run.mode } })
          }
        >
          Do it
        </Button>
      }
    >
      Nothing was written. "Do it" starts the real {run.mode} sync; it looks at both sides again, so what was
      changed since then is taken into account.
    </Alert>
  );
}

/** One below the other, as far as the screen is wide enough for two columns. */
const COUNT = {
  display: 'inline-block',
  minWidth: { sm: '8ch' },
  textAlign: { sm: 'right' },
  fontVariantNumeric: 'tabular-nums',
};

function Counts({ run }: RunProps) {
  const would = run.dryRun ? 'would be ' : '';
  return (
    <Facts
      items={Object.entries(run.counts).map(([name, count]) => [
        words(['read', 'unchanged', 'conflicts', 'failed', 'skipped'].includes(name) ? name : would + name),
        <Box key={name} component="span" sx={COUNT}>
          {formatNumber(count)}
        </Box>,
      ])}
    />
  );
}

function BySide({ run }: RunProps) {
  const sides = ['authScape', 'dynamics'] as const;
  const actions = ['created', 'updated', 'deactivated', 'deleted'] as const;
  return (
    <div>
      <TableContainer>
        <Table size="small" aria-label="Writes by side" sx={{ '& th, & td': { px: { xs: 1, sm: 2 } } }}>
          <TableHead>
            <TableRow>
              <TableCell>{run.dryRun ? 'Would write' : 'Written'}</TableCell>
              {sides.map((side) => (
                <TableCell key={side} align="right">
                  {sideName(side)}
                </TableCell>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            {actions.map((action) => (
              <TableRow key={action}>
                <TableCell>{words(action)}</TableCell>
                {sides.map((side) => (
                  <TableCell key={side} align="right">
                    {formatNumber(run.bySide[side][action])}
                  </TableCell>
                ))}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableContainer>
      <Typography variant="body2" sx={{ mt: 1 }}>
        <Link component={RouterLink} to={`/connections/${run.connectionId}/runs`}>
          All runs
        </Link>
      </Typography>
    </div>
  );
}
