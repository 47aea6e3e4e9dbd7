import AddIcon from '@mui/icons-material/Add';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Link from '@mui/material/Link';
import MenuItem from '@mui/material/MenuItem';
import Stack from '@mui/material/Stack';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { Link as RouterLink, useNavigate } from 'react-router';
import { api } from '../api/client';
import { mayDo } from '../api/session';
import type { Entity, Mapping } from '../api/types';
import { formatNumber } from '../parts/format';
import { Empty, ErrorNotice, Loaded } from '../parts/loaded';
import { Section, StatusChip } from '../parts/small';
import { useConnection } from './connection';
import { DIRECTIONS } from './direction';

/** The entity mappings of the connection. */
export function Mappings() {
  const { id } = useConnection();
  const [isAdding, setAdding] = useState(false);
  const query = api.useQuery('get', '/api/connections/{id}/mappings', {
    params: { path: { id }, query: { limit: 500 } },
  });
  return (
    <Section
      title="Entity mappings"
      actions={
        mayDo('sync.admin') && (
          <Button variant="contained" startIcon={<AddIcon />} onClick={() => setAdding(true)}>
            Add mapping
          </Button>
        )
      }
    >
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No mapping yet">
              A mapping pairs an AuthScape entity with a Dynamics table. Add companies and locations first if
              users point to them.
            </Empty>
          ) : (
            <MappingTable items={items} />
          )
        }
      </Loaded>
      {isAdding && <AddMapping connectionId={id} onClose={() => setAdding(false)} />}
    </Section>
  );
}

function MappingTable({ items }: { readonly items: readonly Mapping[] }) {
  const wide = { display: { xs: 'none', sm: 'table-cell' } };
  return (
    <TableContainer>
      <Table aria-label="Entity mappings">
        <TableHead>
          <TableRow>
            <TableCell>Mapping</TableCell>
            <TableCell>Direction</TableCell>
            <TableCell sx={wide}>Matched by</TableCell>
            <TableCell align="right">Fields</TableCell>
            <TableCell sx={wide} align="right">
              Relationships
            </TableCell>
            <TableCell>State</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {items.map((mapping) => (
            <TableRow key={mapping.id} hover>
              <TableCell>
                <Link component={RouterLink} to={mapping.id}>
                  {mapping.authScapeEntity} – {mapping.crmEntity}
                </Link>
              </TableCell>
              <TableCell>{DIRECTIONS[mapping.direction].label}</TableCell>
              <TableCell sx={wide}>{mapping.matchBy.join(', ')}</TableCell>
              <TableCell align="right">{formatNumber(mapping.fields.length)}</TableCell>
              <TableCell sx={wide} align="right">
                {formatNumber(mapping.relationships.length)}
              </TableCell>
              <TableCell>
                <StatusChip status={mapping.enabled ? 'ok' : 'off'} label={mapping.enabled ? 'On' : 'Off'} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

const USUAL: Record<Entity, string> = { Company: 'account', Location: 'account', User: 'contact' };

function AddMapping(props: { readonly connectionId: string; readonly onClose: () => void }) {
  const [entity, setEntity] = useState<Entity>('User');
  const [table, setTable] = useState(USUAL.User);
  const navigate = useNavigate();
  const create = api.useMutation('post', '/api/connections/{id}/mappings', {
    meta: { showsErrors: true },
    onSuccess: ({ id }) => void navigate(id),
  });
  const add = () =>
    create.mutate({
      params: { path: { id: props.connectionId } },
      body: { authScapeEntity: entity, crmEntity: table },
    });
  return (
    <Dialog open onClose={props.onClose} fullWidth maxWidth="xs" aria-labelledby="add-mapping">
      <DialogTitle id="add-mapping">Add mapping</DialogTitle>
      <DialogContent>
        <Stack spacing={2} sx={{ pt: 1 }}>
          <TextField
            select
            label="AuthScape entity"
            value={entity}
            onChange={(event) => {
              const picked = event.target.value as Entity;
              setEntity(picked);
              setTable(USUAL[picked]);
            }}
          >
            {Object.keys(USUAL).map((one) => (
              <MenuItem key={one} value={one}>
                {one}
              </MenuItem>
            ))}
          </TextField>
          <TextField
            label="Dynamics table"
            value={table}
            onChange={(event) => setTable(event.target.value.trim())}
            helperText="The logical name, such as contact or account. Usual fields are mapped from the start."
          />
          <ErrorNotice error={create.error} />
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={props.onClose}>Cancel</Button>
        <Button variant="contained" onClick={add} loading={create.isPending} disabled={table === ''}>
          Add
        </Button>
      </DialogActions>
    </Dialog>
  );
}
