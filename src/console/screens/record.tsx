import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Stack from '@mui/material/Stack';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { useParams } from 'react-router';
import { api } from '../api/client';
import type { Connection, LogEntry, RecordPage } from '../api/types';
import { FieldChanges, Value } from '../parts/changes';
import { sideName, words } from '../parts/format';
import { Loaded } from '../parts/loaded';
import { CopyId, Facts, Section, StatusChip, Time } from '../parts/small';
import { useConnection } from './connection';
import { RecordActions } from './record-actions';

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

function Head({ connection, record }: { readonly connection: Connection; readonly record: RecordPage }) {
  const { link } = record;
  return (
    <Section
      title={`${record.entity} ${record.authScapeId ?? ''}`}
      actions={
        <StatusChip
          status={link === null ? 'off' : link.state === 'linked' ? 'linked' : 'warning'}
          label={link === null ? 'Not linked' : link.state === 'linked' ? 'Linked' : 'Partner is gone'}
        />
      }
    >
      {record.problems.map((problem) => (
        <Alert key={problem.id} severity="warning" sx={{ mb: 1 }}>
          {problem.message} ({problem.code}), since <Time at={problem.since} />
        </Alert>
      ))}
      <Facts
        items={[
          [
            'AuthScape id',
            record.authScapeId === null ? (
              'none'
            ) : (
              <CopyId key="a" id={record.authScapeId} label="AuthScape id" />
            ),
          ],
          [
            'Dynamics',
            record.crmId === null ? 'no partner' : <CopyId key="d" id={record.crmId} label="Dynamics id" />,
          ],
          ['Linked since', <Time key="l" at={link?.createdAt} />],
          ['Last synced', <Time key="s" at={link?.lastSyncedAt} />],
        ]}
      />
      <RecordActions connection={connection} record={record} />
    </Section>
  );
}

function Sides({ record }: { readonly record: RecordPage }) {
  return (
    <Section title="Values now">
      <TableContainer>
        <Table size="small" aria-label="Values of both sides">
          <TableHead>
            <TableRow>
              <TableCell>Field</TableCell>
              <TableCell>AuthScape</TableCell>
              <TableCell>Dynamics</TableCell>
              <TableCell sx={{ display: { xs: 'none', md: 'table-cell' } }}>Last agreed</TableCell>
              <TableCell>Compared</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {record.fields.map((field) => (
              <TableRow key={`${field.authScapeField} ${field.crmField}`}>
                <TableCell>
                  {field.authScapeField}
                  <Typography variant="caption" component="div" color="text.secondary">
                    {field.crmField}
                  </Typography>
                </TableCell>
                <TableCell>
                  <Value value={field.authScape} />
                </TableCell>
                <TableCell>
                  <Value value={field.dynamics} />
                </TableCell>
                <TableCell sx={{ display: { xs: 'none', md: 'table-cell' } }}>
                  <Value value={field.base} />
                </TableCell>
                <TableCell>
                  {field.differs ? <StatusChip status="warning" label="Differs" /> : 'same'}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableContainer>
    </Section>
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
