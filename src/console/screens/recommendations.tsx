import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { Link } from 'react-router';
import { api } from '../api/client';
import type { Connection } from '../api/types';
import { formatNumber } from '../parts/format';
import { Loaded } from '../parts/loaded';
import { Section, Time } from '../parts/small';

/** Where a recommendation can be followed in the console. */
const SCREENS: Readonly<Record<string, string>> = {
  no_match_key: 'problems',
  duplicates: 'problems',
  webhook_missing: 'webhook',
  webhook_drift: 'webhook',
  webhook_silent: 'webhook',
  own_crm_connection_on: 'problems',
  records_failing: 'problems',
  changes_held: 'approvals',
  never_synced: 'mappings',
  schedule_late: 'settings',
  secret_expires: 'settings',
  field_unreadable: 'mappings',
};

/** What a look at both systems recommends; it takes a while, so it is kept for ten minutes. */
export function Recommendations({ connection }: { readonly connection: Connection }) {
  const query = api.useQuery(
    'get',
    '/api/connections/{id}/diagnostics',
    { params: { path: { id: connection.id } } },
    { staleTime: 600_000 },
  );
  return (
    <Section
      title="Recommendations"
      actions={
        <Button size="small" loading={query.isFetching} onClick={() => void query.refetch()}>
          Check again
        </Button>
      }
    >
      <Loaded query={query} rows={5}>
        {({ checkedAt, mappings, recommendations }) => (
          <Stack spacing={1}>
            {recommendations.length === 0 && <Alert severity="success">Nothing to recommend.</Alert>}
            {recommendations.map(({ code, severity, message, action, mappingId }) => (
              <Alert
                key={`${code} ${mappingId ?? ''}`}
                severity={severity}
                action={
                  SCREENS[code] === undefined ? undefined : (
                    <Button
                      color="inherit"
                      size="small"
                      component={Link}
                      to={`/connections/${connection.id}/${SCREENS[code]}`}
                    >
                      Open
                    </Button>
                  )
                }
              >
                {message} {action}
              </Alert>
            ))}
            {mappings.length > 0 && <Sides mappings={mappings} />}
            <Typography variant="body2" color="textSecondary">
              Checked <Time at={checkedAt} distance />
            </Typography>
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}

interface SidesProps {
  readonly mappings: readonly {
    readonly mappingId: string;
    readonly entity: string;
    readonly authScape: Readonly<Record<string, number>>;
    readonly dynamics: Readonly<Record<string, number | boolean>>;
  }[];
}

function Sides({ mappings }: SidesProps) {
  return (
    <TableContainer>
      <Table size="small" aria-label="Records of each side" sx={{ '& th, & td': { px: 1 } }}>
        <TableHead>
          <TableRow>
            <TableCell>Entity</TableCell>
            <TableCell align="right">AuthScape</TableCell>
            <TableCell align="right">Dynamics</TableCell>
            <TableCell align="right">Linked</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {mappings.map(({ mappingId, entity, authScape, dynamics }) => (
            <TableRow key={mappingId}>
              <TableCell>{entity}</TableCell>
              <TableCell align="right">{formatNumber(authScape.total ?? 0)}</TableCell>
              <TableCell align="right">
                {dynamics.totalIsEstimate ? 'about ' : ''}
                {formatNumber(Number(dynamics.total ?? 0))}
              </TableCell>
              <TableCell align="right">{formatNumber(authScape.linked ?? 0)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
