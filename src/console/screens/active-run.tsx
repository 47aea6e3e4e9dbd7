import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Paper from '@mui/material/Paper';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { Link } from 'react-router';
import { api } from '../api/client';
import { mayDo } from '../api/session';
import type { Connection, Run } from '../api/types';
import { formatDuration, formatNumber, words } from '../parts/format';

export const isUnderWay = ({ status }: Run): boolean => status === 'queued' || status === 'running';

/** The connection's run that is under way, on each of its screens. */
export function ActiveRun({ connection }: { readonly connection: Connection }) {
  const runs = api.useQuery(
    'get',
    '/api/connections/{id}/runs',
    { params: { path: { id: connection.id }, query: { limit: 1 } } },
    { refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) ? 700 : 5_000) },
  );
  const run = runs.data?.items.find(isUnderWay);
  return run === undefined ? null : <Progress run={run} />;
}

function Progress({ run }: { readonly run: Run }) {
  const cancel = api.useMutation('post', '/api/runs/{runId}/cancel');
  const { created, updated, linked, unchanged, skipped, conflicts, failed, read } = run.counts;
  const counts = { read, created, updated, linked, unchanged, skipped, conflicts, failed };
  const shown = Object.entries(counts).filter(([, count]) => count > 0);
  return (
    <Paper sx={{ p: 2, mb: 2 }} component="section" aria-label="Run in progress">
      <Stack direction="row" sx={{ alignItems: 'center', gap: 1, flexWrap: 'wrap' }}>
        <Typography sx={{ flexGrow: 1 }}>
          <strong>{run.dryRun ? 'Dry run' : words(run.mode)}</strong>: {words(run.phase).toLowerCase()},{' '}
          {run.percent} %{run.etaSeconds !== null && `, about ${formatDuration(run.etaSeconds * 1000)} left`}
        </Typography>
        <Button component={Link} to={`/connections/${run.connectionId}/runs/${run.id}`}>
          Details
        </Button>
        {mayDo('sync.operate') && (
          <Button
            color="error"
            loading={cancel.isPending}
            onClick={() => cancel.mutate({ params: { path: { runId: run.id } } })}
          >
            Cancel run
          </Button>
        )}
      </Stack>
      <LinearProgress
        variant="determinate"
        value={run.percent}
        aria-label="Progress of the run"
        sx={{ my: 1 }}
      />
      <Typography variant="body2" color="textSecondary" sx={{ fontVariantNumeric: 'tabular-nums' }}>
        {shown.length === 0
          ? 'Nothing counted yet.'
          : shown.map(([name, count]) => `${formatNumber(count)} ${name}`).join(' · ')}
      </Typography>
    </Paper>
  );
}
