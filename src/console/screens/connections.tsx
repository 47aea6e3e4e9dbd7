import AddIcon from '@mui/icons-material/Add';
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import Paper from '@mui/material/Paper';
import Stack from '@mui/material/Stack';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { lazy, Suspense, useState } from 'react';
import { Link as RouterLink } from 'react-router';
import { api, client } from '../api/client';
import { usePages } from '../api/pages';
import { mayDo } from '../api/session';
import type { Connection } from '../api/types';
import { formatNumber } from '../parts/format';
import { Empty, Loaded } from '../parts/loaded';
import { StatusChip, Time } from '../parts/small';
import { healthOf, nextSyncAt, problemCount } from './connection-health';

const AddConnection = lazy(async () => ({ default: (await import('./add-connection')).AddConnection }));

/** All connections with how they are. */
export function Connections() {
  const [isAdding, setAdding] = useState(false);
  const query = usePages({
    queryKey: ['connections'],
    load: (cursor) => client.GET('/api/connections', { params: { query: { limit: 100, ...cursor } } }),
    refetchInterval: 15_000,
  });
  const add = mayDo('sync.admin') && (
    <Button variant="contained" startIcon={<AddIcon />} onClick={() => setAdding(true)}>
      Add connection
    </Button>
  );
  return (
    <>
      <Stack direction="row" sx={{ alignItems: 'center', mb: 2, gap: 1 }}>
        <Typography variant="h5" component="h1" sx={{ flexGrow: 1 }}>
          Connections
        </Typography>
        {add}
      </Stack>
      <Paper sx={{ px: { xs: 0, sm: 1 } }}>
        <Loaded query={query}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items);
            return items.length === 0 ? (
              <Empty title="No connection yet">
                Add a connection to your Dynamics 365 environment; its test tells you whether all permissions
                are there.
              </Empty>
            ) : (
              <ConnectionTable items={items} />
            );
          }}
        </Loaded>
        {query.hasNextPage && <Button onClick={() => void query.fetchNextPage()}>Show more</Button>}
      </Paper>
      <Suspense>{isAdding && <AddConnection onClose={() => setAdding(false)} />}</Suspense>
    </>
  );
}

function ConnectionTable({ items }: { readonly items: readonly Connection[] }) {
  return (
    <TableContainer>
      <Table aria-label="Connections" sx={{ '& th, & td': { px: { xs: 1, sm: 2 } } }}>
        <TableHead>
          <TableRow>
            <TableCell>Name</TableCell>
            <TableCell sx={WIDE}>Environment</TableCell>
            <TableCell>Status</TableCell>
            <TableCell sx={WIDE}>Last sync</TableCell>
            <TableCell sx={WIDE}>Next sync</TableCell>
            <TableCell align="right">Problems</TableCell>
            <TableCell align="right">Held</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {items.map((connection) => (
            <ConnectionRow key={connection.id} connection={connection} />
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

const WIDE = { display: { xs: 'none', md: 'table-cell' } };

function ConnectionRow({ connection }: { readonly connection: Connection }) {
  const problems = api.useQuery('get', '/api/connections/{id}/problems', {
    params: { path: { id: connection.id }, query: { limit: 1 } },
  });
  const counts = problems.data?.counts;
  const health = healthOf(connection, counts);
  const to = `/connections/${connection.id}`;
  return (
    <TableRow hover>
      <TableCell>
        <Link component={RouterLink} to={`${to}/overview`} sx={{ fontWeight: 500 }}>
          {connection.name}
        </Link>
      </TableCell>
      <TableCell sx={WIDE}>{connection.environment}</TableCell>
      <TableCell>
        <StatusChip {...health} />
      </TableCell>
      <TableCell sx={WIDE}>
        <Time at={connection.lastSyncAt} distance />
      </TableCell>
      <TableCell sx={WIDE}>
        <NextSync connection={connection} />
      </TableCell>
      <TableCell align="right">
        <Count value={problemCount(counts)} to={`${to}/problems`} label="problems" />
      </TableCell>
      <TableCell align="right">
        <Count value={counts?.held} to={`${to}/approvals`} label="held changes" />
      </TableCell>
    </TableRow>
  );
}

function NextSync({ connection }: { readonly connection: Connection }) {
  const next = nextSyncAt(connection);
  return next === null ? <span>by hand</span> : <Time at={next} distance />;
}

function Count(props: { readonly value: number | undefined; readonly to: string; readonly label: string }) {
  if (props.value === undefined) return <span title="not known">–</span>;
  if (props.value === 0) return <span>0</span>;
  return (
    <Link component={RouterLink} to={props.to} aria-label={`${props.value} ${props.label}`}>
      {formatNumber(props.value)}
    </Link>
  );
}
