import SearchIcon from '@mui/icons-material/Search';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import Stack from '@mui/material/Stack';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TextField from '@mui/material/TextField';
import { type FormEvent, useState } from 'react';
import { useSearchParams } from 'react-router';
import { api } from '../api/client';
import type { Connection, Entity, RecordHit } from '../api/types';
import { Empty, Loaded } from '../parts/loaded';
import { CopyId, Section, StatusChip } from '../parts/small';
import { useConnection } from './connection';
import { RecordLink } from './record-link';

const ENTITIES: readonly Entity[] = ['User', 'Company', 'Location'];

/** Finds a record on either side by name, e-mail or id. */
export function Records() {
  const connection = useConnection();
  const [address, setAddress] = useSearchParams();
  const search = address.get('search') ?? '';
  const entity = ENTITIES.find((one) => one === address.get('entity')) ?? '';
  const [text, setText] = useState(search);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAddress({ search: text.trim(), ...(entity === '' ? {} : { entity }) });
  };
  return (
    <Section title="Records">
      <Stack
        component="form"
        direction={{ xs: 'column', sm: 'row' }}
        spacing={1}
        onSubmit={submit}
        sx={{ mt: 2, mb: 2 }}
      >
        <TextField
          label="Name, e-mail or id"
          value={text}
          autoFocus
          onChange={(event) => setText(event.target.value)}
          sx={{ maxWidth: { sm: 420 } }}
        />
        <TextField
          select
          label="Entity"
          value={entity}
          onChange={(event) => setAddress({ search: text.trim(), entity: event.target.value })}
          sx={{ maxWidth: { sm: 180 } }}
        >
          <MenuItem value="">All</MenuItem>
          {ENTITIES.map((one) => (
            <MenuItem key={one} value={one}>
              {one}
            </MenuItem>
          ))}
        </TextField>
        <Button
          type="submit"
          variant="contained"
          startIcon={<SearchIcon />}
          disabled={text.trim().length < 2}
        >
          Search
        </Button>
      </Stack>
      {search === '' ? (
        <Empty title="Find a record">
          Both systems are searched: type a part of a name, an e-mail address or an id.
        </Empty>
      ) : (
        <Hits connection={connection} search={search} entity={entity} />
      )}
    </Section>
  );
}

interface HitsProps {
  readonly connection: Connection;
  readonly search: string;
  readonly entity: Entity | '';
}

function Hits({ connection, search, entity }: HitsProps) {
  const query = api.useQuery('get', '/api/connections/{id}/records', {
    params: { path: { id: connection.id }, query: { search, ...(entity === '' ? {} : { entity }) } },
  });
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="No record found">
            Neither side has a record with “{search}” in its name, e-mail or id.
          </Empty>
        ) : (
          <HitTable connection={connection} items={items} />
        )
      }
    </Loaded>
  );
}

function HitTable({
  connection,
  items,
}: {
  readonly connection: Connection;
  readonly items: readonly RecordHit[];
}) {
  const wide = { display: { xs: 'none', sm: 'table-cell' } };
  return (
    <TableContainer>
      <Table size="small" aria-label="Records found">
        <TableHead>
          <TableRow>
            <TableCell>Name</TableCell>
            <TableCell sx={wide}>E-mail</TableCell>
            <TableCell>Record</TableCell>
            <TableCell sx={wide}>In Dynamics</TableCell>
            <TableCell>Link</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {items.map((hit) => (
            <TableRow key={`${hit.mappingId} ${hit.authScapeId} ${hit.crmId}`} hover>
              <TableCell>{(hit.authScape ?? hit.dynamics)?.name}</TableCell>
              <TableCell sx={wide}>{(hit.authScape ?? hit.dynamics)?.email}</TableCell>
              <TableCell>
                <RecordLink connectionId={connection.id} item={hit} />
              </TableCell>
              <TableCell sx={wide}>
                {hit.crmId ? <CopyId id={hit.crmId} label="Dynamics id" /> : 'none'}
              </TableCell>
              <TableCell>
                <StatusChip status={hit.link ? 'linked' : 'off'} label={hit.link ? 'Linked' : 'Not linked'} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
