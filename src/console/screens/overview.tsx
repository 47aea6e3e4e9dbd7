import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Typography from '@mui/material/Typography';
import { lazy, Suspense, useState } from 'react';
import { Link } from 'react-router';
import { api } from '../api/client';
import { mayDo } from '../api/session';
import type { Connection, Stats } from '../api/types';
import { formatNumber } from '../parts/format';
import { Empty, Loaded } from '../parts/loaded';
import { Facts, Section, Time } from '../parts/small';
import { useConnection } from './connection';
import { nextSyncAt } from './connection-health';
import { Recommendations } from './recommendations';
import { RunTable } from './run-table';
import { TrySample } from './sample';
import { latencyText } from './stat-texts';

const OutcomeChart = lazy(async () => ({ default: (await import('./outcome-chart')).OutcomeChart }));

/** What happened lately, what comes next, and what could be better. */
export function Overview() {
  const connection = useConnection();
  return (
    <Stack spacing={2}>
      {connection.firstFullSyncAt === null && <FirstSteps connection={connection} />}
      <Messages connection={connection} />
      <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: '2fr 1fr' } }}>
        <Totals connection={connection} />
        <Recommendations connection={connection} />
      </Box>
      <LastRuns connection={connection} />
    </Stack>
  );
}

interface PartProps {
  readonly connection: Connection;
}

function FirstSteps({ connection }: PartProps) {
  return (
    <Section title="First steps">
      <Empty title="No full sync yet">
        Map the entities, look at a dry run, try a few records, then start the first full sync with{' '}
        <em>Sync now</em>. Timer and webhooks act only after a first full sync has ended well. What was tried
        can be taken back until then.
        <Stack
          direction="row"
          useFlexGap
          spacing={1}
          sx={{ mt: 1, flexWrap: 'wrap', justifyContent: 'center' }}
        >
          <Button variant="outlined" component={Link} to={`/connections/${connection.id}/mappings`}>
            Go to the mappings
          </Button>
          {mayDo('sync.operate') && <TrySample connection={connection} />}
        </Stack>
      </Empty>
    </Section>
  );
}

function Messages({ connection }: PartProps) {
  const { lastSyncError, messages } = connection;
  return (
    <>
      {lastSyncError !== null && (
        <Alert severity="error">
          The last sync failed: {lastSyncError.message} ({lastSyncError.code})
        </Alert>
      )}
      {messages.map((message) => (
        <Alert key={message} severity="warning">
          {message}
        </Alert>
      ))}
    </>
  );
}

function Totals({ connection }: PartProps) {
  const [days, setDays] = useState(7);
  const stats = api.useQuery(
    'get',
    '/api/connections/{id}/stats',
    { params: { path: { id: connection.id }, query: { days } } },
    { refetchInterval: 15_000, placeholderData: (previous) => previous },
  );
  return (
    <Section
      title="Totals"
      actions={
        <ToggleButtonGroup
          size="small"
          exclusive
          value={days}
          onChange={(_, value: number | null) => value !== null && setDays(value)}
          aria-label="Period"
        >
          {[7, 30, 90].map((value) => (
            <ToggleButton key={value} value={value}>
              {value} days
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      }
    >
      <Loaded query={stats} rows={7}>
        {(data) => (
          <>
            <Suspense fallback={<Box sx={{ height: 260 }} />}>
              <OutcomeChart stats={data} />
            </Suspense>
            <StatFacts stats={data} connection={connection} />
          </>
        )}
      </Loaded>
    </Section>
  );
}

function StatFacts({ stats, connection }: PartProps & { readonly stats: Stats }) {
  const { events, links, requests } = stats;
  const next = nextSyncAt(connection);
  const linked = Object.entries(links).map(([entity, count]) => `${formatNumber(count)} ${entity}`);
  return (
    <Facts
      items={[
        ['Last success', <Time key="t" at={stats.lastSuccessAt} />],
        ['Next sync', next === null ? 'by hand' : <Time key="t" at={next} distance />],
        ['Links', linked.length === 0 ? 'none' : linked.join(', ')],
        [
          'Requests',
          `${formatNumber(requests.dynamics)} to Dynamics, ${formatNumber(requests.authScape)} to AuthScape`,
        ],
        [
          'Events',
          events.received === 0
            ? 'none'
            : `${formatNumber(events.received)} received, ${formatNumber(events.echoes)} echoes, ${formatNumber(events.deadLettered)} given up`,
        ],
        ['Event latency', latencyText(events)],
      ]}
    />
  );
}

function LastRuns({ connection }: PartProps) {
  const runs = api.useQuery('get', '/api/connections/{id}/runs', {
    params: { path: { id: connection.id }, query: { limit: 5 } },
  });
  return (
    <Section
      title="Last runs"
      actions={
        <Button component={Link} to={`/connections/${connection.id}/runs`}>
          All runs
        </Button>
      }
    >
      <Loaded query={runs}>
        {({ items }) =>
          items.length === 0 ? <Typography>There was no run yet.</Typography> : <RunTable runs={items} />
        }
      </Loaded>
    </Section>
  );
}
