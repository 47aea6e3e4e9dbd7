import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import Link from '@mui/material/Link';
import Stack from '@mui/material/Stack';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import Typography from '@mui/material/Typography';
import { useIsMutating } from '@tanstack/react-query';
import { Outlet, Link as RouterLink, useLocation, useOutletContext, useParams } from 'react-router';
import { api } from '../api/client';
import { pathOf } from '../api/query-client';
import { mayDo } from '../api/session';
import type { Connection } from '../api/types';
import { Loaded } from '../parts/loaded';
import { StatusChip } from '../parts/small';
import { ActiveRun } from './active-run';
import { healthOf, problemCount } from './connection-health';
import { SyncButton } from './sync-button';

const TABS = [
  'overview',
  'mappings',
  'runs',
  'approvals',
  'problems',
  'records',
  'webhook',
  'settings',
] as const;
const LABELS: Record<(typeof TABS)[number], string> = {
  overview: 'Overview',
  mappings: 'Mappings',
  runs: 'Runs',
  approvals: 'Approvals',
  problems: 'Problems',
  records: 'Records',
  webhook: 'Webhook',
  settings: 'Settings',
};

/** The connection that the screens below this layout show. */
export const useConnection = (): Connection => useOutletContext<Connection>();

/** Name, state, actions and tabs of one connection. */
export function ConnectionLayout() {
  const { id = '' } = useParams();
  const deletions = useIsMutating({
    mutationKey: ['delete', '/api/connections/{id}'],
    predicate: ({ state }) => pathOf(state.variables)?.id === id,
  });
  return deletions > 0 ? <Deleting /> : <ConnectionScreens id={id} />;
}

/** Stands for all screens of a connection that is being deleted: they would go on asking for what may be gone. */
function Deleting() {
  return (
    <>
      <Typography variant="h5" component="h1" gutterBottom>
        Deleting the connection
      </Typography>
      <LinearProgress aria-label="Deleting the connection" />
    </>
  );
}

function ConnectionScreens({ id }: { readonly id: string }) {
  const query = api.useQuery(
    'get',
    '/api/connections/{id}',
    { params: { path: { id } } },
    { refetchInterval: 10_000 },
  );
  return (
    <>
      {query.data === undefined && (
        <Typography variant="h5" component="h1">
          Connection
        </Typography>
      )}
      <Loaded query={query} rows={8}>
        {(connection) => (
          <>
            <Header connection={connection} />
            <ActiveRun connection={connection} />
            <Outlet context={connection} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Header({ connection }: { readonly connection: Connection }) {
  const { pathname } = useLocation();
  const problems = api.useQuery(
    'get',
    '/api/connections/{id}/problems',
    { params: { path: { id: connection.id }, query: { limit: 1 } } },
    { refetchInterval: 15_000 },
  );
  const counts = problems.data?.counts;
  const badges: Partial<Record<string, number>> = {
    approvals: counts?.held ?? 0,
    problems: problemCount(counts) ?? 0,
  };
  const current = TABS.find((tab) => pathname.includes(`/${connection.id}/${tab}`)) ?? 'overview';
  return (
    <Box sx={{ mb: 2 }}>
      <Link component={RouterLink} to="/connections" variant="body2">
        Connections
      </Link>
      <Stack direction="row" sx={{ alignItems: 'center', gap: 1.5, flexWrap: 'wrap' }}>
        <Typography variant="h5" component="h1" sx={{ overflowWrap: 'anywhere' }}>
          {connection.name}
        </Typography>
        <StatusChip {...healthOf(connection, counts)} />
        <Typography variant="body2" color="textSecondary" sx={{ flexGrow: 1, overflowWrap: 'anywhere' }}>
          {connection.environment}
        </Typography>
        {mayDo('sync.operate') && <SyncButton connection={connection} />}
      </Stack>
      <Tabs
        value={current}
        variant="scrollable"
        component="nav"
        aria-label="Parts of the connection"
        sx={{ borderBottom: 1, borderColor: 'divider', mt: 1 }}
      >
        {TABS.map((tab) => (
          <Tab
            key={tab}
            value={tab}
            component={RouterLink}
            to={`/connections/${connection.id}/${tab}`}
            label={badges[tab] ? `${LABELS[tab]} (${badges[tab]})` : LABELS[tab]}
          />
        ))}
      </Tabs>
    </Box>
  );
}
