import AddIcon from '@mui/icons-material/Add';
import DeleteIcon from '@mui/icons-material/DeleteOutlined';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import FormControlLabel from '@mui/material/FormControlLabel';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import Stack from '@mui/material/Stack';
import Switch from '@mui/material/Switch';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { api } from '../api/client';
import { mayDo } from '../api/session';
import type { Mapping, Relationship } from '../api/types';
import { ErrorNotice } from '../parts/loaded';
import { Section } from '../parts/small';
import { DirectionArrow } from './direction';
import type { Schemas } from './mapping';

interface RelationshipsProps {
  readonly mapping: Mapping;
  readonly schemas: Schemas;
}

/** References of AuthScape that are lookups in Dynamics. */
export function Relationships({ mapping, schemas }: RelationshipsProps) {
  const [isAdding, setAdding] = useState(false);
  const isAdmin = mayDo('sync.admin');
  return (
    <Section
      title="Relationships"
      actions={
        isAdmin && (
          <Button startIcon={<AddIcon />} onClick={() => setAdding(true)}>
            Add relationship
          </Button>
        )
      }
    >
      {mapping.relationships.length === 0 ? (
        <Typography color="textSecondary">
          None. A user's company, say, becomes a lookup to the account that it is linked with.
        </Typography>
      ) : (
        <TableContainer>
          <Table size="small" aria-label="Relationships">
            <TableHead>
              <TableRow>
                <TableCell>AuthScape</TableCell>
                <TableCell>Direction</TableCell>
                <TableCell>Dynamics lookup</TableCell>
                <TableCell>Create missing</TableCell>
                <TableCell align="right">Remove</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {mapping.relationships.map((one) => (
                <RelationshipRow key={one.id} mapping={mapping} relationship={one} isAdmin={isAdmin} />
              ))}
            </TableBody>
          </Table>
        </TableContainer>
      )}
      {isAdding && <AddRelationship mapping={mapping} schemas={schemas} onClose={() => setAdding(false)} />}
    </Section>
  );
}

interface RowProps {
  readonly mapping: Mapping;
  readonly relationship: Relationship;
  readonly isAdmin: boolean;
}

function RelationshipRow({ mapping, relationship, isAdmin }: RowProps) {
  const path = { id: mapping.connectionId, mappingId: mapping.id, relationshipId: relationship.id };
  const route = '/api/connections/{id}/mappings/{mappingId}/relationships/{relationshipId}';
  const patch = api.useMutation('patch', route);
  const remove = api.useMutation('delete', route);
  const name = `${relationship.authScapeField} – ${relationship.crmLookupField}`;
  return (
    <TableRow>
      <TableCell>{relationship.authScapeField}</TableCell>
      <TableCell>
        <DirectionArrow
          direction={relationship.direction}
          of={name}
          disabled={!isAdmin || patch.isPending}
          onChange={(direction) => patch.mutate({ params: { path }, body: { direction } })}
        />
      </TableCell>
      <TableCell>
        {relationship.crmLookupField} ({relationship.crmRelatedEntity})
      </TableCell>
      <TableCell>
        <Switch
          checked={relationship.autoCreateRelated}
          disabled={!isAdmin || patch.isPending}
          slotProps={{ input: { 'aria-label': `Create missing records of ${name}` } }}
          onChange={(_, autoCreateRelated) => patch.mutate({ params: { path }, body: { autoCreateRelated } })}
        />
      </TableCell>
      <TableCell align="right">
        {isAdmin && (
          <IconButton aria-label={`Remove ${name}`} onClick={() => remove.mutate({ params: { path } })}>
            <DeleteIcon />
          </IconButton>
        )}
      </TableCell>
    </TableRow>
  );
}

const REFERENCES = { companyId: 'Company', locationId: 'Location' } as const;

function AddRelationship({
  mapping,
  schemas,
  onClose,
}: RelationshipsProps & { readonly onClose: () => void }) {
  const lookups = schemas.columns.filter(({ type, readOnly }) => type === 'lookup' && !readOnly);
  const fields = schemas.fields.map(({ name }) => name).filter((name) => name in REFERENCES);
  const [field, setField] = useState(fields[0] ?? '');
  const [lookup, setLookup] = useState('');
  const [target, setTarget] = useState('');
  const [autoCreateRelated, setAutoCreate] = useState(false);
  const targets = lookups.find(({ name }) => name === lookup)?.targets ?? [];
  const add = api.useMutation('post', '/api/connections/{id}/mappings/{mappingId}/relationships', {
    meta: { showsErrors: true },
    onSuccess: onClose,
  });
  const submit = () => {
    if (field !== 'companyId' && field !== 'locationId') return;
    add.mutate({
      params: { path: { id: mapping.connectionId, mappingId: mapping.id } },
      body: {
        authScapeField: field,
        relatedEntity: REFERENCES[field],
        crmLookupField: lookup,
        crmRelatedEntity: target,
        autoCreateRelated,
      },
    });
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="add-relationship">
      <DialogTitle id="add-relationship">Add relationship</DialogTitle>
      <DialogContent>
        <Stack spacing={2} sx={{ pt: 1 }}>
          <Pick label="AuthScape reference" value={field} all={fields} onPick={setField} />
          <Pick
            label="Dynamics lookup"
            value={lookup}
            all={lookups.map(({ name }) => name)}
            onPick={(name) => {
              setLookup(name);
              setTarget(lookups.find((one) => one.name === name)?.targets?.[0] ?? '');
            }}
          />
          <Pick label="Table it points to" value={target} all={targets} onPick={setTarget} />
          <FormControlLabel
            control={<Switch checked={autoCreateRelated} onChange={(_, on) => setAutoCreate(on)} />}
            label="Create the related record when it is missing"
          />
          <ErrorNotice error={add.error} />
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          variant="contained"
          loading={add.isPending}
          disabled={field === '' || lookup === '' || target === ''}
          onClick={submit}
        >
          Add
        </Button>
      </DialogActions>
    </Dialog>
  );
}

interface PickProps {
  readonly label: string;
  readonly value: string;
  readonly all: readonly string[];
  readonly onPick: (value: string) => void;
}

function Pick({ label, value, all, onPick }: PickProps) {
  return (
    <TextField
      select
      label={label}
      value={all.includes(value) ? value : ''}
      onChange={(event) => onPick(event.target.value)}
    >
      {all.map((one) => (
        <MenuItem key={one} value={one}>
          {one}
        </MenuItem>
      ))}
    </TextField>
  );
}
