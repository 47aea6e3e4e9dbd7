import Link from '@mui/material/Link';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import { Link as RouterLink } from 'react-router';
import type { Run } from '../api/types';
import { formatDuration, formatNumber, words } from '../parts/format';
import { StatusChip, Time } from '../parts/small';

const WIDE = { display: { xs: 'none', sm: 'table-cell' } };

export const runName = (run: Run): string =>
  run.dryRun
    ? `Dry run (${run.mode})`
    : run.sample === undefined
      ? `${words(run.mode)} sync`
      : `Sample of ${typeof run.sample === 'number' ? run.sample : `${run.sample.length} chosen records`}`;

export function durationOf({ startedAt, finishedAt }: Run): string {
  if (startedAt === null || finishedAt === null) return '–';
  return formatDuration(new Date(finishedAt).getTime() - new Date(startedAt).getTime());
}

/** A few runs, newest first. */
export function RunTable({ runs }: { readonly runs: readonly Run[] }) {
  return (
    <TableContainer>
      <Table size="small" aria-label="Runs">
        <TableHead>
          <TableRow>
            <TableCell>Run</TableCell>
            <TableCell>Status</TableCell>
            <TableCell sx={WIDE}>Started</TableCell>
            <TableCell sx={WIDE} align="right">
              Duration
            </TableCell>
            <TableCell sx={WIDE} align="right">
              Created
            </TableCell>
            <TableCell sx={WIDE} align="right">
              Updated
            </TableCell>
            <TableCell sx={WIDE} align="right">
              Conflicts
            </TableCell>
            <TableCell align="right">Failed</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {runs.map((run) => (
            <TableRow key={run.id} hover>
              <TableCell>
                <Link component={RouterLink} to={`/connections/${run.connectionId}/runs/${run.id}`}>
                  {runName(run)}
                </Link>
              </TableCell>
              <TableCell>
                <StatusChip status={run.status} />
              </TableCell>
              <TableCell sx={WIDE}>
                <Time at={run.startedAt} />
              </TableCell>
              <TableCell sx={WIDE} align="right">
                {durationOf(run)}
              </TableCell>
              <TableCell sx={WIDE} align="right">
                {formatNumber(run.counts.created)}
              </TableCell>
              <TableCell sx={WIDE} align="right">
                {formatNumber(run.counts.updated)}
              </TableCell>
              <TableCell sx={WIDE} align="right">
                {formatNumber(run.counts.conflicts)}
              </TableCell>
              <TableCell align="right">{formatNumber(run.counts.failed)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
