import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Stack from '@mui/material/Stack';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { Link as RouterLink, useParams } from 'react-router';
import { api } from '../api/client';
import type { Connection, LogEntry, RecordPage } from '../api/types';
import { FieldChanges, Value } from '../parts/changes';
import { ruleText, sideName, words } from '../parts/format';
import { Loaded } from '../parts/loaded';
import { CopyId, Facts, Section, StatusChip, Time } from '../parts/small';
import { useConnection } from './connection';
import { RecordActions } from './record-actions';
import { nameOf } from './record-name';

/** Everything known of one record: both sides, what differs, and how each value came there. */
export function RecordScreen() {
  const connection = useConnection();
  const { entity = '', authScapeId = '' } = useParams();
  const query = api.useQuery('get', '/api/connections/{id}/records/{entity}/{authScapeId}', {
    params: { path: { id: connection.id, entity, authScapeId } },
  });
  return (
    <Loaded query={query} rows={8}>
      {(record) => (
        <Stack spacing={2}>
          <Head connection={connection} record={record} />
          <Sides record={record} />
          <History log={record.log} />
        </Stack>
      )}
    </Loaded>
  );
}

interface HeadProps {
  readonly connection: Connection;
  readonly record: RecordPage;
}

/** A person has parted the two; no run matches them again. */
const isParted = ({ tombstone }: NonNullable<RecordPage['link']>) => tombstone?.reason === 'parted';

function linkState({ link }: RecordPage): { status: string; label: string } {
  if (link === null) return { status: 'off', label: 'Not linked' };
  if (link.state === 'linked') return { status: 'linked', label: 'Linked' };
  return isParted(link)
    ? { status: 'off', label: 'Unlinked' }
    : { status: 'warning', label: 'Partner is gone' };
}

function Head({ connection, record }: HeadProps) {
  const { link, authScape, dynamics } = record;
  const state = (one: { active: boolean } | null) =>
    one === null ? 'not found' : one.active ? 'active' : 'inactive';
  return (
    <Section title={titleOf(record)} actions={<StatusChip {...linkState(record)} />}>
      <Warnings connection={connection} record={record} />
      <Facts
        items={[
          ['AuthScape', <CopyId key="a" id={record.authScapeId} label="AuthScape id" />],
          ['State in AuthScape', state(authScape)],
          [
            'Dynamics',
            record.crmId === null ? 'no partner' : <InDynamics key="d" {...{ connection, record }} />,
          ],
          ['State in Dynamics', record.crmId === null ? '–' : state(dynamics)],
          ['Linked since', <Time key="l" at={link?.createdAt} />],
          ['Last synced', <Time key="s" at={link?.lastSyncedAt} />],
        ]}
      />
      <RecordActions connection={connection} record={record} />
    </Section>
  );
}

function titleOf(record: RecordPage): string {
  const side = record.authScape === null ? 'dynamics' : 'authScape';
  return `${record.entity} ${record.authScapeId}: ${nameOf(record, side)}`;
}

function InDynamics({ connection, record: { crmEntity, crmId } }: HeadProps) {
  const query = new URLSearchParams({ pagetype: 'entityrecord', etn: crmEntity, id: crmId ?? '' });
  return (
    <>
      <CopyId id={crmId ?? ''} label="Dynamics id" />{' '}
      <Link href={`https://${connection.environment}/main.aspx?${query}`} target="_blank" rel="noreferrer">
        Open in Dynamics
      </Link>
    </>
  );
}

function Warnings({ connection, record }: HeadProps) {
  const { failures, held, marks, unavailable } = record;
  return (
    <>
      {unavailable !== null && (
        <Alert severity="error" sx={{ mb: 1 }}>
          A side could not be read: {unavailable.message} ({unavailable.code})
        </Alert>
      )}
      {failures.map((failure) => (
        <Alert key={failure.id} severity="warning" sx={{ mb: 1 }}>
          {failure.message} ({failure.code}), since <Time at={failure.since} />
        </Alert>
      ))}
      {held.length > 0 && (
        <Alert severity="warning" sx={{ mb: 1 }}>
          {held.length} {held.length === 1 ? 'change of it waits' : 'changes of it wait'} for a decision:{' '}
          <Link component={RouterLink} to={`/connections/${connection.id}/approvals`}>
            Approvals
          </Link>
        </Alert>
      )}
      {marks.map((mark) => (
        <Alert key={mark.reason} severity="info" sx={{ mb: 1 }}>
          {words(mark.reason)}: looked at again <Time at={mark.notBefore} distance />
        </Alert>
      ))}
    </>
  );
}

function Sides({ record }: { readonly record: RecordPage }) {
  const wide = { display: { xs: 'none', md: 'table-cell' } };
  return (
    <Section title="Values now">
      <TableContainer>
        <Table
          size="small"
          aria-label="Values of both sides"
          sx={{ '& td:not(:first-of-type)': { overflowWrap: 'anywhere' }, '& th': { whiteSpace: 'nowrap' } }}
        >
          <TableHead>
            <TableRow>
              <TableCell>Field</TableCell>
              <TableCell>AuthScape</TableCell>
              <TableCell>Dynamics</TableCell>
              <TableCell>Compared</TableCell>
              <TableCell sx={wide}>Last agreed</TableCell>
              <TableCell sx={wide}>Last written</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {record.fields.map((field) => (
              <TableRow key={field.id}>
                <TableCell>
                  {field.authScapeField}
                  <Typography variant="caption" component="div" color="textSecondary">
                    {field.crmField}
                  </Typography>
                </TableCell>
                <TableCell>
                  <Present field={field} side="authScape" />
                </TableCell>
                <TableCell>
                  <Present field={field} side="dynamics" />
                </TableCell>
                <TableCell>
                  <Compared field={field} />
                </TableCell>
                <TableCell sx={wide}>
                  {field.base === null ? 'never' : <Value value={field.base.authScape} />}
                </TableCell>
                <TableCell sx={wide}>
                  <LastWritten field={field} />
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableContainer>
    </Section>
  );
}

interface FieldProps {
  readonly field: RecordPage['fields'][number];
}

function Present({ field, side }: FieldProps & { readonly side: 'authScape' | 'dynamics' }) {
  return field.unread.includes(side) ? <em>not read</em> : <Value value={field[side]} />;
}

function Compared({ field: { differs, changed } }: FieldProps) {
  if (differs === null) return '–';
  if (!differs) return 'same';
  const where = changed.map(sideName).join(' and ');
  return <StatusChip status="warning" label={where === '' ? 'Differs' : `Changed in ${where}`} />;
}

function LastWritten({ field: { lastChange } }: FieldProps) {
  if (lastChange === null) return 'never';
  return (
    <>
      <Time at={lastChange.at} />
      <Typography variant="caption" component="div" color="textSecondary">
        {lastChange.side === null ? '' : `in ${sideName(lastChange.side)}: `}
        {ruleText(lastChange.rule)}
      </Typography>
    </>
  );
}

const STARTED: Readonly<Record<string, string>> = {
  run: 'by a run',
  event: 'by an event',
  record: 'by hand',
};

function History({ log }: { readonly log: readonly LogEntry[] }) {
  return (
    <Section title="History">
      {log.length === 0 && <Typography>Nothing was written yet.</Typography>}
      <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {log.map((entry) => (
          <Box
            component="li"
            key={entry.id}
            sx={{ borderLeft: 2, borderColor: 'divider', pl: 2, pb: 2, position: 'relative' }}
          >
            <Stack direction="row" useFlexGap spacing={1} sx={{ alignItems: 'center', flexWrap: 'wrap' }}>
              <Typography variant="subtitle2" component="h3">
                <Time at={entry.at} />
              </Typography>
              <StatusChip status={entry.outcome} />
              <Typography variant="body2">
                {words(entry.action)}
                {entry.side === null ? '' : ` in ${sideName(entry.side)}`},{' '}
                {STARTED[entry.trigger] ?? entry.trigger}
              </Typography>
            </Stack>
            {entry.error !== undefined && (
              <Typography color="error" variant="body2">
                {entry.error.message} ({entry.error.code})
              </Typography>
            )}
            {entry.fields.length > 0 && <FieldChanges fields={entry.fields} />}
          </Box>
        ))}
      </Box>
    </Section>
  );
}
